namespace MultiModal.Testing.Storage;

/// <summary>Holds the first request of its kind until it is told to go on.</summary>
public sealed class Checkpoint(Func<ProxiedRequest, bool> match, bool afterwards)
{
    private readonly TaskCompletionSource<ProxiedRequest> reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the request is held.</summary>
    public Task<ProxiedRequest> Reached => reached.Task;

    public void Release() => released.TrySetResult();

    internal async Task PassAsync(ProxiedRequest request, bool carriedOut)
    {
        if (carriedOut != afterwards || !match(request) || !reached.TrySetResult(request)) return;
        await released.Task;
    }
}
