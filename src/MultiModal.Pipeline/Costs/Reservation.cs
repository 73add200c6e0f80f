using Azure;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Costs;

/// <summary>A call that may be made now: its line in the ledger, to be settled.</summary>
internal sealed record Reservation(RunReference Run, LedgerEntry Entry, ETag ETag);
