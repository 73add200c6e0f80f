namespace MultiModal.Pipeline.Images;

/// <summary>Ink that hangs together, found run by run from the top to the bottom. What is too large for a letter is dropped.</summary>
internal sealed class InkBlobs
{
    /// <summary>Largest height of a letter, in pixels.</summary>
    private const int MostHeight = 140;

    /// <summary>Largest width, in heights: letters that touch each other are one blob.</summary>
    private const int MostShape = 12;

    /// <summary>More blobs than this are a texture, and no text.</summary>
    private const int MostBlobs = 400_000;

    private readonly List<InkBlob> done = [];
    private Run[] above = new Run[64];
    private Run[] row = new Run[64];
    private int aboveCount;
    private int rowCount;
    private Growing[] growing = new Growing[64];
    private Growing[] moved = new Growing[64];
    private int growingCount;
    private int y;

    /// <summary>Adds a run of ink to the current row, right of those that it has.</summary>
    /// <param name="ink">-1 for dark ink on a light ground, 1 for the reverse.</param>
    /// <param name="left">First pixel.</param>
    /// <param name="right">Last pixel.</param>
    public void Add(int ink, int left, int right)
    {
        if (rowCount == row.Length) Array.Resize(ref row, 2 * rowCount);
        row[rowCount++] = new Run { Ink = ink, Left = left, Right = right };
    }

    /// <summary>Ends the current row: its runs are added to the blobs that they touch, and blobs that no run touches are complete.</summary>
    public void EndRow()
    {
        var from = 0;
        for (var at = 0; at < rowCount; at++)
        {
            ref var run = ref row[at];
            run.Blob = -1;
            while (from < aboveCount && above[from].Right < run.Left - 1) from++;
            for (var over = from; over < aboveCount && above[over].Left <= run.Right + 1; over++)
            {
                if (above[over].Ink == run.Ink) run.Blob = Join(run.Blob, Root(above[over].Blob));
            }

            if (run.Blob < 0) run.Blob = Begin(run);
            else Extend(ref growing[run.Blob], run);
        }

        KeepGrowing();
        (above, row) = (row, above);
        (aboveCount, rowCount) = (rowCount, 0);
        y++;
    }

    /// <summary>The blobs that could be letters, by their lower edges.</summary>
    public IReadOnlyList<InkBlob> End()
    {
        EndRow();
        return done.Count >= MostBlobs ? [] : done;
    }

    private int Root(int blob)
    {
        while (growing[blob].Parent >= 0) blob = growing[blob].Parent;
        return blob;
    }

    private int Begin(in Run run)
    {
        if (growingCount == growing.Length) Array.Resize(ref growing, 2 * growingCount);
        growing[growingCount] = new Growing
        {
            Parent = -1, Place = -1, Ink = run.Ink, Left = run.Left, Right = run.Right, Top = y, Bottom = y, Pixels = run.Right - run.Left + 1,
        };
        return growingCount++;
    }

    private void Extend(ref Growing blob, in Run run)
    {
        blob.Left = Math.Min(blob.Left, run.Left);
        blob.Right = Math.Max(blob.Right, run.Right);
        blob.Bottom = y;
        blob.Pixels += run.Right - run.Left + 1;
    }

    private int Join(int blob, int other)
    {
        if (blob < 0 || blob == other) return other;
        ref var into = ref growing[blob];
        ref var from = ref growing[other];
        into.Left = Math.Min(into.Left, from.Left);
        into.Right = Math.Max(into.Right, from.Right);
        into.Top = Math.Min(into.Top, from.Top);
        into.Bottom = Math.Max(into.Bottom, from.Bottom);
        into.Pixels += from.Pixels;
        from.Parent = blob;
        return blob;
    }

    /// <summary>Moves the blobs that go on to the front, and keeps those that are complete.</summary>
    private void KeepGrowing()
    {
        if (moved.Length < growingCount) moved = new Growing[growing.Length];
        var count = 0;
        for (var at = 0; at < rowCount; at++)
        {
            var root = Root(row[at].Blob);
            if (growing[root].Place < 0)
            {
                growing[root].Place = count;
                moved[count++] = growing[root] with { Place = -1 };
            }

            row[at].Blob = growing[root].Place;
        }

        for (var at = 0; at < growingCount; at++)
        {
            if (growing[at].Parent < 0 && growing[at].Place < 0) Keep(growing[at]);
        }

        (growing, moved) = (moved, growing);
        growingCount = count;
    }

    private void Keep(in Growing blob)
    {
        var (width, height) = (blob.Right - blob.Left + 1, blob.Bottom - blob.Top + 1);
        if (height > MostHeight || height < 2 || width > MostShape * height || done.Count >= MostBlobs) return;
        done.Add(new InkBlob(blob.Ink, blob.Left, blob.Top, width, height, blob.Pixels));
    }

    private struct Run
    {
        public int Ink, Left, Right, Blob;
    }

    private record struct Growing
    {
        public int Parent, Place, Ink, Left, Right, Top, Bottom, Pixels;
    }
}

/// <summary>Ink that hangs together.</summary>
/// <param name="Ink">-1 for dark ink on a light ground, 1 for the reverse.</param>
/// <param name="Left">Left edge in pixels.</param>
/// <param name="Top">Upper edge in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Pixels">Number of its pixels.</param>
internal readonly record struct InkBlob(int Ink, int Left, int Top, int Width, int Height, int Pixels)
{
    /// <summary>The first column right of it.</summary>
    public int Right => Left + Width;

    /// <summary>The first row below it.</summary>
    public int Bottom => Top + Height;
}
