namespace MultiModal.Functions.Runs;

/// <summary>The custom status of a run's orchestration. Live progress by item is in the HTTP API; this is for whoever looks at the task hub.</summary>
/// <param name="Items">Items of the inventory.</param>
/// <param name="Slices">Slices of it.</param>
/// <param name="SlicesDone">How many of them are done.</param>
public sealed record RunProgress(int Items, int Slices, int SlicesDone);
