namespace MultiModal.Pipeline.Costs;

/// <summary>What is known of a paid call.</summary>
public enum LedgerState
{
    /// <summary>About to be made, or under way: counted at its estimate.</summary>
    Reserved,

    /// <summary>The provider said what it used.</summary>
    Settled,

    /// <summary>It may have been made, and nobody will say what it used: counted at its estimate.</summary>
    Unknown,

    /// <summary>Not made: the answer was known. Kept for what it saved.</summary>
    Saved,
}
