namespace MultiModal.Pipeline;

/// <summary>
/// The one place that makes ids which only have to differ from all others: of a process, of a write, of a temporary file. They are compared
/// and never decided by, so that a test need not set them.
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
