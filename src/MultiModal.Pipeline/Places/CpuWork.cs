namespace MultiModal.Pipeline.Places;

/// <summary>A piece of work that keeps a core of this machine busy.</summary>
/// <param name="Owner">The batch that it is done for; batches take turns.</param>
/// <param name="Kind">Kind of the work.</param>
/// <param name="Milliseconds">
/// How long it takes, above 0. It is a rough estimate from kind and size: it only decides which work is done first, and need only be right in
/// proportion.
/// </param>
internal sealed record CpuWork(string Owner, CpuWorkKind Kind, double Milliseconds)
{
    /// <param name="owner">The batch.</param>
    /// <param name="bytes">Size of the file.</param>
    /// <param name="inDecoder">Whether a process of its own decodes the image, which has to start first.</param>
    public static CpuWork Image(string owner, long bytes, bool inDecoder) => inDecoder
        ? new(owner, CpuWorkKind.Decoder, 300 + (200 * Megabytes(bytes)))
        : new(owner, CpuWorkKind.Image, 20 + (30 * Megabytes(bytes)));

    public static CpuWork Pdf(string owner, long bytes) => new(owner, CpuWorkKind.Decoder, 500 + (200 * Megabytes(bytes)));

    public static CpuWork WebPage(string owner, long bytes) => new(owner, CpuWorkKind.Decoder, 300 + (500 * Megabytes(bytes)));

    public static CpuWork Recording(string owner, long bytes) => new(owner, CpuWorkKind.Recording, 200 + (100 * Megabytes(bytes)));

    /// <summary>Reading the text of an image, by a program.</summary>
    public static CpuWork Reading(string owner, long bytes) => new(owner, CpuWorkKind.Reading, 500 + (5000 * Megabytes(bytes)));

    /// <summary>Transcribing a piece of a recording, by a program.</summary>
    public static CpuWork Listening(string owner, double seconds) => new(owner, CpuWorkKind.Listening, 500 + (200 * seconds));

    private static double Megabytes(long bytes) => bytes / 1e6;
}

/// <summary>Kinds of work that keep a core busy.</summary>
internal enum CpuWorkKind
{
    /// <summary>An image is decoded in this process.</summary>
    Image,

    /// <summary>A file is decoded in a process of its own.</summary>
    Decoder,

    /// <summary>ffmpeg decodes a recording.</summary>
    Recording,

    /// <summary>A program reads the text of an image.</summary>
    Reading,

    /// <summary>A program transcribes speech.</summary>
    Listening,
}
