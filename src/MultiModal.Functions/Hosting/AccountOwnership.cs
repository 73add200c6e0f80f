using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// Takes ownership of the storage account before the first function runs. All instances of this host share its lease; if a host of
/// another kind owns the account, this one does not start and says why. While storage fails, or an identity gets no token for it, this is tried
/// again after pauses that grow: the host gives an app up whose worker ended three times in half an hour.
/// </summary>
public sealed partial class AccountOwnership(
    MediaAccount account, IBatchHost host, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<AccountOwnership> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>
    /// How long storage may fail before this process ends. The Functions host ends a worker that has not reported after 60 s
    /// (WorkerProcessCountOptions.ProcessStartupTimeout), and what is tried last takes its time too.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    private OwnerLease? lease;
    private CancellationTokenRegistration onLost;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            var pause = Pauses.After(tries);
            try
            {
                await AcquireAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (StorageFaults.IsTransient(e) && time.GetElapsedTime(began) + pause <= Patience)
            {
                LogNotAcquired(e, tries, pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await onLost.DisposeAsync();
        if (lease is not null) await lease.DisposeAsync();
    }

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        await account.CreateContainersAsync(cancellationToken);
        var acquired = await OwnerLease.AcquireAsync(
            account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: true, patience: TimeSpan.Zero, time, logger, cancellationToken);
        if (!acquired.Succeeded) throw new InvalidOperationException(acquired.Failure.Message);
        lease = acquired.Value;
        onLost = lease.Lost.Register(lifetime.StopApplication);
    }

    [LoggerMessage(LogLevel.Warning, "The storage account could not be taken at the start (attempt {Tries}). It is tried again in {Seconds} s")]
    private partial void LogNotAcquired(Exception fault, int tries, double seconds);
}
