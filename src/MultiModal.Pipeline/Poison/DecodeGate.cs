namespace MultiModal.Pipeline.Poison;

/// <summary>
/// Lets decodes run in parallel, except for one that may end the process: it runs alone, so that no other content comes under suspicion
/// if it does.
/// </summary>
internal sealed class DecodeGate : IDisposable
{
    private readonly SemaphoreSlim door = new(1, 1);
    private readonly Lock gate = new();
    private int inside;
    private TaskCompletionSource? empty;

    /// <summary>Enters together with others. Disposing the returned object leaves the gate.</summary>
    public async Task<IDisposable> EnterWithOthersAsync(CancellationToken cancellationToken)
    {
        await door.WaitAsync(cancellationToken);
        lock (gate) inside++;
        door.Release();
        return new Exit(Leave);
    }

    /// <summary>Waits until all others have left, and keeps them out. Disposing the returned object leaves the gate.</summary>
    public async Task<IDisposable> EnterAloneAsync(CancellationToken cancellationToken)
    {
        await door.WaitAsync(cancellationToken);
        try
        {
            Task left;
            lock (gate) left = inside == 0
                ? Task.CompletedTask
                : (empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            await left.WaitAsync(cancellationToken);
            return new Exit(() => door.Release());
        }
        catch (OperationCanceledException)
        {
            door.Release();
            throw;
        }
    }

    public void Dispose() => door.Dispose();

    private void Leave()
    {
        lock (gate)
        {
            if (--inside == 0) empty?.TrySetResult();
        }
    }

    private sealed class Exit(Action leave) : IDisposable
    {
        private Action? leave = leave;

        public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
    }
}
