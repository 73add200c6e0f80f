using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Storage;

/// <summary>Two hosts that find the lease of a dead owner at the same moment; the proxy holds one of them where the race is decided.</summary>
[Collection(SharedAzurite.Name)]
public sealed class OwnerRaceTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string direct = azurite.NewConnectionString();
    private StorageProxy proxy = null!;
    private MediaAccount account = null!;
    private MediaAccount slowly = null!;
    private OwnerLease dead = null!;

    public async Task InitializeAsync()
    {
        proxy = await StorageProxy.StartAsync(direct);
        account = MediaAccount.Open(new StorageOptions { ConnectionString = direct });
        slowly = MediaAccount.Open(new StorageOptions { ConnectionString = proxy.ConnectionString });
        await account.CreateContainersAsync(CancellationToken.None);

        // Our own number with another start is a process that has ended.
        var here = AccountOwner.Here("local", DateTimeOffset.UtcNow);
        var owner = here with { Since = DateTimeOffset.UnixEpoch, ProcessStart = here.ProcessStart is null ? null : "0" };
        dead = (await OwnerLease.AcquireAsync(
            account, owner, shared: false, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance, CancellationToken.None)).Value;
    }

    public async Task DisposeAsync()
    {
        await dead.DisposeAsync();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_host_that_breaks_a_dead_owners_lease_late_does_not_break_that_of_its_successor()
    {
        var breaks = proxy.Hold(r => r.Touches("owner.json?comp=lease") && r.Arrival == 2, afterwards: false);
        var late = AcquireAsync(slowly);
        await breaks.Reached;
        await using var first = (await AcquireAsync(account)).Value;
        breaks.Release();
        await OneOwnsItAsync(first, await late);
    }

    [Fact]
    public async Task A_host_whose_lease_is_broken_before_it_has_said_its_name_does_not_own_the_account()
    {
        var names = proxy.Hold(r => r is { IsUpload: true, IsConditional: false } && r.Touches("owner.json"), afterwards: false);
        var late = AcquireAsync(slowly);
        await names.Reached;
        await using var first = (await AcquireAsync(account)).Value;
        names.Release();
        await OneOwnsItAsync(first, await late);
    }

    private async Task OneOwnsItAsync(OwnerLease first, Outcome<OwnerLease> late)
    {
        if (late.Succeeded) await late.Value.DisposeAsync();
        Assert.Equal(FailureCodes.OtherHostOwnsAccount, late.Failure?.Code);
        Assert.Equal(first.Owner, await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
    }

    private static Task<Outcome<OwnerLease>> AcquireAsync(MediaAccount from) => OwnerLease.AcquireAsync(
        from, AccountOwner.Here("local", DateTimeOffset.UtcNow), shared: false, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance,
        CancellationToken.None);
}
