using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// The records of a run that one process carries out, written together: those of a slice when it ends, and whatever was not written yet every
/// <see cref="WriteEvery"/>, in blobs under <c>records/</c>. What a crash loses in between is done again by the process that resumes the run, and
/// costs nothing: answers are in the cache before there is a record of them.
/// </summary>
internal sealed class RunRecords : IDisposable
{
    /// <summary>Name of the folder of these blobs, within the folder of the run.</summary>
    public const string Folder = "records/";

    /// <summary>Metadata of these blobs: fingerprints of the cache entries that their records used.</summary>
    public const string UsesMetadata = "uses";

    /// <summary>Value of <see cref="UsesMetadata"/> where there are too many to list: the blob has to be read.</summary>
    public const string ManyUses = "many";

    /// <summary>Longest time for which a record is in memory alone.</summary>
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(2);

    /// <summary>Unwritten records of more bytes than this are not waited for.</summary>
    private const int UnwrittenBytes = 4 << 20;

    /// <summary>A slice whose records have more bytes than this is left as it was written.</summary>
    private const int SliceBytes = 16 << 20;

    /// <summary>Documents (synthesis plan, groups) of up to this many bytes in total stay in memory.</summary>
    private const int DocumentBytes = 1 << 20;

    private const int MaxUses = 400;
    private const int ReadsAhead = 16;
    private const int NoSlice = -1;

    private readonly MediaAccount account;
    private readonly string folder;
    private readonly bool readsApart;
    private readonly RecordMemory memory;
    private readonly ITimer timer;
    private readonly string writer = UniqueId.New().ToString("N")[..12];
    private readonly SemaphoreSlim opening = new(1, 1);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Lock gate = new();
    private readonly Dictionary<int, SortedDictionary<RecordKey, Entry>> slices = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> documents = new(StringComparer.Ordinal);
    private List<Entry> unwritten = [];
    private int written;
    private bool opened;

    /// <param name="account">The account with the state.</param>
    /// <param name="folder">Folder of the run.</param>
    /// <param name="readsApart">Whether records that were stored one by one are read too. They are listed once, when the run is opened.</param>
    /// <param name="memory">What this and other runs of the process may keep.</param>
    /// <param name="time">Clock for writing.</param>
    public RunRecords(MediaAccount account, string folder, bool readsApart, RecordMemory memory, TimeProvider time)
    {
        (this.account, this.folder, this.readsApart, this.memory) = (account, folder, readsApart, memory);
        timer = time.CreateTimer(_ => _ = WriteInBackgroundAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether this process writes records of the run: then it knows all of them.</summary>
    public bool IsWriter { get; private set; }

    /// <summary>Lists the run's blobs the first time, and reads the records in them.</summary>
    /// <returns>Names of the run's blobs within its folder; null if they were listed before, or records alone are listed.</returns>
    public async Task<IReadOnlySet<string>?> OpenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref opened)) return null;
        await opening.WaitAsync(cancellationToken);
        try
        {
            if (opened) return null;
            var names = await ReadNewAsync(readsApart ? $"{folder}/" : $"{folder}/{Folder}", cancellationToken);
            Volatile.Write(ref opened, true);
            return readsApart ? names : null;
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>Reads what another process has written since.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        if (IsWriter) return;
        await opening.WaitAsync(cancellationToken);
        try
        {
            await ReadNewAsync($"{folder}/{Folder}", cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    public async Task<StepRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return Find(key) is { } entry ? entry.Read(entry.Json ?? await LoadAsync(entry, cancellationToken)) : null;
    }

    /// <summary>Reads all records of an item, in no particular order.</summary>
    public async Task<IReadOnlyList<StepRecord>> ReadItemAsync(int index, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await ReadAsync(SliceOf(index), key => key.Index == index, cancellationToken);
    }

    /// <summary>Reads the records of the nodes of the synthesis tree that this process made.</summary>
    public Task<IReadOnlyList<StepRecord>> ReadNodesAsync(CancellationToken cancellationToken) => ReadAsync(NoSlice, _ => true, cancellationToken);

    /// <summary>Progress of the items, in the order of the items.</summary>
    public IReadOnlyList<StepProgress> ListProgress()
    {
        lock (gate)
        {
            return [.. slices.Where(s => s.Key != NoSlice).OrderBy(s => s.Key).SelectMany(s => s.Value.Values).Select(e => e.Progress)];
        }
    }

    /// <summary>Keeps a record, which is written soon. It never replaces a success by a failure.</summary>
    public async Task WriteAsync(RecordKey key, StepRecord record, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var json = JsonSerializer.SerializeToUtf8Bytes(new RecordLine(record, key.Index, key.Level), PipelineJson.Options);
        var entry = new Entry(key, ProgressOf(key, record), json.Length, record.CacheName) { Json = json };
        bool isFirst, isMuch;
        lock (gate)
        {
            IsWriter = true;
            if (!Put(entry)) return;
            isFirst = unwritten.Count == 0;
            unwritten.Add(entry);
            isMuch = unwritten.Sum(e => (long)e.Size) > UnwrittenBytes;
        }

        Keep(json.Length);
        if (isMuch) await WriteAllAsync(cancellationToken);
        else if (isFirst) timer.Change(WriteEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Forgets the record of a node whose inputs have changed.</summary>
    public void Remove(RecordKey key)
    {
        lock (gate)
        {
            if (!slices.TryGetValue(key.Slice, out var slice) || !slice.Remove(key, out var entry)) return;
            unwritten.Remove(entry);
            if (entry.Json is not null) memory.Release(entry.Size);
        }
    }

    /// <summary>Writes all records of a slice together, so that one request reads them. A run of one slice is written when it ends.</summary>
    public async Task WriteSliceAsync(int slice, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            List<Entry> all;
            lock (gate)
            {
                if (slices.Count <= 1 || !slices.TryGetValue(slice, out var entries)) return;
                all = [.. entries.Values];
                if (all.Sum(e => (long)e.Size) > SliceBytes || all.Exists(e => e.IsApart) || !unwritten.Exists(e => e.Key.Slice == slice)) return;
            }

            await UploadAsync(string.Create(CultureInfo.InvariantCulture, $"{slice:D6}.{writer}.json"), all, cancellationToken);
            lock (gate) unwritten.RemoveAll(e => e.Key.Slice == slice && e.Blob is not null);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            List<Entry> some;
            lock (gate)
            {
                if (unwritten.Count == 0) return;
                some = unwritten;
                unwritten = [];
            }

            try
            {
                await UploadAsync(string.Create(CultureInfo.InvariantCulture, $"journal/{writer}-{written++:D6}.json"), some, cancellationToken);
            }
            catch
            {
                lock (gate) unwritten.InsertRange(0, some);
                throw;
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <returns>The document; null if it is not in memory.</returns>
    public byte[]? FindDocument(string name)
    {
        lock (gate) return documents.GetValueOrDefault(name);
    }

    /// <summary>Keeps a document of the run that this process alone needs: one that resumes the run makes it again.</summary>
    /// <returns>False if there is no room; the caller stores it.</returns>
    public bool TryKeepDocument(string name, byte[] document)
    {
        lock (gate)
        {
            documents.Remove(name);
            return documents.Values.Sum(d => (long)d.Length) + document.Length <= DocumentBytes && documents.TryAdd(name, document);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        lock (gate) memory.Release(slices.Values.SelectMany(s => s.Values).Where(e => e.Json is not null).Sum(e => (long)e.Size));
    }

    /// <summary>Reads the names of the cache entries that the records in a blob used.</summary>
    public static IEnumerable<string> ReadUses(ReadOnlyMemory<byte> blob)
    {
        foreach (var (_, line) in Lines(blob))
        {
            if (line.Record.CacheName is { } name) yield return name;
        }
    }

    /// <summary>The value of <see cref="UsesMetadata"/> for these fingerprints.</summary>
    public static string UsesOf(HashSet<string> fingerprints) => fingerprints.Count > MaxUses ? ManyUses : string.Join(',', fingerprints);

    private static int SliceOf(int index) => index / SliceReference.Size;

    private async Task WriteInBackgroundAsync()
    {
        try
        {
            await WriteAllAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // The records stay in memory, and the next try follows; the run's end does not come before they are written.
            timer.Change(WriteEvery, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task UploadAsync(string name, List<Entry> lines, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        content.WriteByte((byte)'[');
        foreach (var entry in lines)
        {
            if (content.Length > 1) content.WriteByte((byte)',');
            await content.WriteAsync(entry.Json ?? await LoadAsync(entry, cancellationToken), cancellationToken);
        }

        content.WriteByte((byte)']');
        content.Position = 0;
        var uses = lines.Select(e => e.CacheName).OfType<string>().Select(CacheUse.FingerprintOf).ToHashSet(StringComparer.Ordinal);
        var blob = $"{folder}/{Folder}{name}";
        await account.State.GetBlobClient(blob).UploadAsync(
            content,
            new BlobUploadOptions
            {
                HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
                Metadata = new Dictionary<string, string> { [UsesMetadata] = UsesOf(uses) },
            },
            cancellationToken);
        lock (gate)
        {
            seen.Add(blob);
            foreach (var entry in lines) entry.Blob = blob;
        }
    }

    private async Task<IReadOnlySet<string>> ReadNewAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var blobs = new List<(string Name, DateTimeOffset? WrittenAt)>();
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix }, cancellationToken))
        {
            var name = blob.Name[(folder.Length + 1)..];
            names.Add(name);
            if (name.StartsWith(Folder, StringComparison.Ordinal)) blobs.Add((blob.Name, blob.Properties.LastModified));
            else if (StepProgress.Parse(name, blob.Metadata) is { } progress) PutApart(blob.Name, progress, blob.Properties.ContentLength ?? 0);
        }

        lock (gate) blobs.RemoveAll(b => seen.Contains(b.Name));
        foreach (var some in blobs.OrderBy(b => b.WrittenAt).Chunk(ReadsAhead))
        {
            var contents = await Task.WhenAll(some.Select(b => DownloadAsync(b.Name, cancellationToken)));
            for (var i = 0; i < some.Length; i++) Take(some[i].Name, contents[i]);
        }

        return names;
    }

    private void PutApart(string blob, StepProgress progress, long size)
    {
        var key = new RecordKey(progress.Index, progress.Part, progress.Step) { Tile = progress.Tile };
        lock (gate) Put(new Entry(key, progress, (int)size, cacheName: null) { Blob = blob, IsApart = true });
    }

    /// <summary>Takes the records of a blob; of two that say the same, the one written later counts.</summary>
    private void Take(string name, byte[]? content)
    {
        if (content is null) return;
        foreach (var (json, line) in Lines(content))
        {
            // What the synthesis is made of may have changed since, so that its records are made again from cached answers.
            if (line.Index is not { } index) continue;
            var key = new RecordKey(index, line.Record.Part, line.Record.Step) { Tile = line.Record.Tile };
            var entry = new Entry(key, ProgressOf(key, line.Record), json.Length, line.Record.CacheName) { Json = json, Blob = name };
            bool isNew;
            lock (gate) isNew = Put(entry);
            if (isNew) Keep(json.Length);
        }

        lock (gate) seen.Add(name);
    }

    /// <summary>Reads a record that is not in memory any more, and the others of its blob with it.</summary>
    private async Task<byte[]> LoadAsync(Entry entry, CancellationToken cancellationToken)
    {
        var content = await DownloadAsync(entry.Blob!, cancellationToken)
            ?? throw new InvalidOperationException($"{entry.Blob} is missing: the run's state was deleted under it.");
        if (entry.IsApart) return content;
        byte[]? found = null;
        foreach (var (json, line) in Lines(content))
        {
            var key = line.Index is { } index
                ? new RecordKey(index, line.Record.Part, line.Record.Step) { Tile = line.Record.Tile }
                : new RecordKey(null, line.Record.Part, line.Record.Step, line.Level);
            if (key == entry.Key) found = json;
            if (Find(key) is not { Json: null } other || other.Blob != entry.Blob) continue;
            other.Json = json;
            Keep(json.Length);
        }

        return found ?? throw new InvalidOperationException($"{entry.Blob} has lost a record.");
    }

    private async Task<byte[]?> DownloadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await account.State.GetBlobClient(name).DownloadContentAsync(cancellationToken)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    private static IEnumerable<(byte[] Json, RecordLine Line)> Lines(ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content);
        foreach (var element in document.RootElement.EnumerateArray())
        {
            yield return (Encoding.UTF8.GetBytes(element.GetRawText()), element.Deserialize<RecordLine>(PipelineJson.Options)!);
        }
    }

    private async Task<IReadOnlyList<StepRecord>> ReadAsync(int slice, Func<RecordKey, bool> wanted, CancellationToken cancellationToken)
    {
        List<Entry> entries;
        lock (gate) entries = slices.TryGetValue(slice, out var all) ? [.. all.Values.Where(e => wanted(e.Key))] : [];
        var records = new List<StepRecord>(entries.Count);
        foreach (var entry in entries) records.Add(entry.Read(entry.Json ?? await LoadAsync(entry, cancellationToken)));
        return records;
    }

    private Entry? Find(RecordKey key)
    {
        lock (gate) return slices.TryGetValue(key.Slice, out var slice) ? slice.GetValueOrDefault(key) : null;
    }

    /// <returns>False if the record does not count, because there is a better one.</returns>
    private bool Put(Entry entry)
    {
        if (!slices.TryGetValue(entry.Key.Slice, out var slice)) slices[entry.Key.Slice] = slice = [];
        if (slice.TryGetValue(entry.Key, out var there))
        {
            if (there.Progress.Status == StepStatus.Succeeded && entry.Progress.Status != StepStatus.Succeeded) return false;
            if (there.Json is not null) memory.Release(there.Size);
            unwritten.Remove(there);
        }

        slice[entry.Key] = entry;
        return true;
    }

    /// <summary>Counts bytes that were kept; where there are too many, written records leave the memory.</summary>
    private void Keep(int bytes)
    {
        if (!memory.Take(bytes)) return;
        lock (gate)
        {
            foreach (var entry in slices.Values.SelectMany(s => s.Values).Where(e => e is { Json: not null, Blob: not null }))
            {
                entry.Json = null;
                if (memory.Release(entry.Size)) return;
            }
        }
    }

    private static StepProgress ProgressOf(RecordKey key, StepRecord record) =>
        new(key.Index ?? 0, key.Part, key.Step, record.Status, record.Failure?.Code, record.Parts, record.Tiles, key.Tile);

    private sealed class Entry(RecordKey key, StepProgress progress, int size, string? cacheName)
    {
        public RecordKey Key { get; } = key;

        public StepProgress Progress { get; } = progress;

        /// <summary>Bytes of the line as it is stored.</summary>
        public int Size { get; } = size;

        public string? CacheName { get; } = cacheName;

        /// <summary>The line as it is stored; null once it has left the memory.</summary>
        public byte[]? Json { get; set; }

        /// <summary>The blob that holds it; null until it is written.</summary>
        public string? Blob { get; set; }

        /// <summary>Whether the blob holds this record alone, as older builds and the Functions host store it.</summary>
        public bool IsApart { get; init; }

        public StepRecord Read(byte[] json) => IsApart
            ? JsonSerializer.Deserialize<StepRecord>(json, PipelineJson.Options)!
            : JsonSerializer.Deserialize<RecordLine>(json, PipelineJson.Options)!.Record;
    }
}

/// <summary>What identifies a record within its run.</summary>
/// <param name="Index">Position of the item in the inventory; null for a node of the synthesis tree.</param>
/// <param name="Part">Part of the item, or group of the node.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Level">Level of the node; null for an item.</param>
internal readonly record struct RecordKey(int? Index, int Part, string Step, int? Level = null) : IComparable<RecordKey>
{
    /// <summary>Tile of the image.</summary>
    public int Tile { get; init; }

    /// <summary>Number of the slice that the item is in; -1 for a node.</summary>
    public int Slice => Index is { } index ? index / SliceReference.Size : -1;

    public int CompareTo(RecordKey other) =>
        (Index ?? -1, Level ?? -1, Part, Tile).CompareTo((other.Index ?? -1, other.Level ?? -1, other.Part, other.Tile)) is var order and not 0
            ? order
            : string.CompareOrdinal(Step, other.Step);
}

/// <summary>A record with its place, as it is stored together with others.</summary>
internal sealed record RecordLine(StepRecord Record, int? Index = null, int? Level = null);

/// <summary>The bytes of records that all runs of a process keep in memory.</summary>
/// <param name="limit">Number of bytes above which written records leave the memory.</param>
internal sealed class RecordMemory(long limit)
{
    private long held;

    /// <returns>Whether there is too much now.</returns>
    public bool Take(long bytes) => Interlocked.Add(ref held, bytes) > limit;

    /// <returns>Whether there is clearly less than allowed now.</returns>
    public bool Release(long bytes) => Interlocked.Add(ref held, -bytes) < limit * 3 / 4;
}
