namespace MultiModal.Decoder;

/// <summary>Exit codes of the decoder. Any other code means a crash: the file was too much for a library.</summary>
public enum DecoderExit
{
    /// <summary>The answer is on standard output, as JSON.</summary>
    Done = 0,

    /// <summary>The arguments are wrong.</summary>
    Usage = 2,

    /// <summary>The file is damaged.</summary>
    Damaged = 3,

    /// <summary>The file needs a password.</summary>
    Encrypted = 4,

    /// <summary>The file has more pixels or more text than is allowed; an image's size is on standard output.</summary>
    TooLarge = 5,

    /// <summary>The file needs more memory than is allowed.</summary>
    OutOfMemory = 6,

    /// <summary>The file is in a variant of its format that is not read.</summary>
    Unsupported = 7,
}
