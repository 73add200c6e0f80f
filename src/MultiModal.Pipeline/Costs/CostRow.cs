namespace MultiModal.Pipeline.Costs;

/// <summary>The sum of one day, batch, step or model.</summary>
public sealed record CostRow(string Key, CostTotal Sum);
