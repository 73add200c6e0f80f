namespace MultiModal.Pipeline.Batches;

/// <summary>Where a batch is in its life.</summary>
public enum BatchPhase
{
    /// <summary>Nothing to do: all that was dropped is in the latest report.</summary>
    Resting,

    /// <summary>Something was dropped; more may follow. Ends a quiet period after the last drop.</summary>
    Quiet,

    /// <summary>Quiet is over, and <c>"start": "manual"</c> waits for somebody to start it.</summary>
    Held,

    /// <summary>A run is under way.</summary>
    Running,
}
