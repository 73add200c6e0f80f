namespace MultiModal.Pipeline.Storage;

/// <summary>Whether this process owns the storage account alone, so that no other process works on it at the same time.</summary>
/// <param name="time">Clock for waits.</param>
public sealed class SoleOwnership(TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private volatile OwnerLease? lease;

    /// <summary>Notes the lease that this process has acquired.</summary>
    public void Note(OwnerLease acquired) => lease = acquired;

    /// <summary>
    /// Whether an exclusive lease on the account is held. Where it may have run out, because this process was paused, the answer waits until the
    /// lease is renewed or lost.
    /// </summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        while (lease is { IsExclusive: true, IsKept: true } held)
        {
            if (held.IsCurrent) return true;
            await Task.Delay(LookEvery, time, cancellationToken);
        }

        return false;
    }
}
