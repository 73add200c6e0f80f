namespace MultiModal.Decoder;

/// <summary>Exit codes. Anything else is a crash: the file was too much for a library.</summary>
public enum DecoderExit
{
    /// <summary>The answer is on standard output, as JSON.</summary>
    Done = 0,

    /// <summary>Called wrongly.</summary>
    Usage = 2,

    /// <summary>The file is damaged.</summary>
    Damaged = 3,

    /// <summary>The file wants a password.</summary>
    Encrypted = 4,

    /// <summary>More pixels or more text than was allowed; an image's size is on standard output.</summary>
    TooLarge = 5,

    /// <summary>The file needs more memory than was allowed.</summary>
    OutOfMemory = 6,
}
