namespace MultiModal.Faults.Tests;

/// <summary>What was paid for, in calls.</summary>
/// <param name="Billed">On the provider's bill.</param>
/// <param name="PaidAgain">Whose answer had arrived before, at a process that died.</param>
/// <param name="Settled">In the ledger, with their price.</param>
/// <param name="Unknown">In the ledger, with their estimate: the answer was lost, or the process.</param>
internal sealed record BillFigures(int Billed, int PaidAgain, int Settled, int Unknown);
