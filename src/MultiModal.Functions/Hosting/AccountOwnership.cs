using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// Takes ownership of the storage account before the first function runs. All instances of this host share its lease; if a host of
/// another kind owns the account, this one does not start and says why.
/// </summary>
public sealed class AccountOwnership(
    MediaAccount account, IBatchHost host, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<AccountOwnership> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    private OwnerLease? lease;
    private CancellationTokenRegistration onLost;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await account.CreateContainersAsync(cancellationToken);
        var acquired = await OwnerLease.AcquireAsync(
            account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: true, patience: TimeSpan.Zero, time, logger, cancellationToken);
        if (!acquired.Succeeded) throw new InvalidOperationException(acquired.Failure.Message);
        lease = acquired.Value;
        onLost = lease.Lost.Register(lifetime.StopApplication);
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
}
