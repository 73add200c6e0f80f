namespace MultiModal.Pipeline;

/// <summary>
/// Creates all ids that only have to be unique: for processes, writes and temporary files. They are compared and never used for
/// decisions, so tests need not set them.
/// </summary>
internal static class UniqueId
{
    public static Guid New()
    {
#pragma warning disable RS0030 // This is the place that BannedSymbols.txt sends all others to.
        return Guid.NewGuid();
#pragma warning restore RS0030
    }
}
