namespace MultiModal.Pipeline.Batches;

/// <summary>What starts a batch.</summary>
public enum StartMode
{
    /// <summary>A quiet period after the last drop.</summary>
    Auto,

    /// <summary>Only a start over HTTP or the command line.</summary>
    Manual,
}
