using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// Takes ownership of the storage account before the first function runs (<c>OwnershipMiddleware</c>). All instances of this host share its
/// lease; if a host of another kind owns the account, this one does not start and says why. While storage fails, or an identity gets no token for
/// it, this is tried again after pauses that grow. The worker reports to its host meanwhile.
/// </summary>
public sealed partial class AccountOwnership(
    MediaAccount account, IBatchHost host, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<AccountOwnership> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>
    /// How long the worker's start waits. The Functions host ends a worker that has not reported after 60 s
    /// (WorkerProcessCountOptions.ProcessStartupTimeout), and gives an app up whose worker ended three times in half an hour.
    /// </summary>
    private static readonly TimeSpan AtStart = TimeSpan.FromSeconds(15);

    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    private readonly TaskCompletionSource owned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private Task acquiring = Task.CompletedTask;
    private OwnerLease? lease;
    private CancellationTokenRegistration onLost;

    /// <summary>Done when the account is owned; failed where it is refused, which also ends this process.</summary>
    public Task Owned => owned.Task;

    /// <exception cref="InvalidOperationException">A host of another kind owns the account.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        acquiring = AcquireAsync();
        await Task.WhenAny(owned.Task, Task.Delay(AtStart, time, cancellationToken));
        if (owned.Task.IsCompleted) await owned.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => stopping.CancelAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await acquiring;
        await onLost.DisposeAsync();
        if (lease is not null) await lease.DisposeAsync();
        stopping.Dispose();
    }

    private async Task AcquireAsync()
    {
        try
        {
            for (var tries = 1; !await TryAcquireAsync(tries); tries++) await Task.Delay(Pauses.After(tries), time, stopping.Token);
            owned.SetResult();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            owned.SetCanceled(stopping.Token);
        }
        catch (Exception e)
        {
            // This is the boundary of what runs beside the worker's start: whatever it is, it ends the process.
            LogRefused(e);
            owned.SetException(e);
            lifetime.StopApplication();
        }
    }

    private async Task<bool> TryAcquireAsync(int tries)
    {
        try
        {
            await account.CreateContainersAsync(stopping.Token);
            var acquired = await OwnerLease.AcquireAsync(
                account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: true, patience: TimeSpan.Zero, time, logger, stopping.Token);
            if (!acquired.Succeeded) throw new InvalidOperationException(acquired.Failure.Message);
            lease = acquired.Value;
            onLost = lease.Lost.Register(lifetime.StopApplication);
            return true;
        }
        catch (Exception e) when (StorageFaults.IsTransient(e))
        {
            LogNotAcquired(e, tries, Pauses.After(tries).TotalSeconds);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Critical, "The storage account is refused, so that this worker ends")]
    private partial void LogRefused(Exception refusal);

    [LoggerMessage(LogLevel.Warning, "The storage account could not be taken at the start (attempt {Tries}). It is tried again in {Seconds} s")]
    private partial void LogNotAcquired(Exception fault, int tries, double seconds);
}
