using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class OwnerLeaseTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Another_kind_is_refused_and_told_who_is_there()
    {
        var account = await azurite.NewAccountAsync();
        await using var local = (await AcquireAsync(account, "local", shared: false)).Value;
        var refused = await AcquireAsync(account, "functions", shared: true);
        Assert.Equal(FailureCodes.OtherHostOwnsAccount, refused.Failure?.Code);
        Assert.Contains("\"local\"", refused.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_of_a_shared_kind_own_the_account_together()
    {
        var account = await azurite.NewAccountAsync();
        await using var one = (await AcquireAsync(account, "functions", shared: true)).Value;
        await using var two = (await AcquireAsync(account, "functions", shared: true)).Value;
        Assert.Equal(two.Owner.Instance, (await OwnerLease.ReadOwnerAsync(account, CancellationToken.None))?.Instance);
        Assert.False((await AcquireAsync(account, "local", shared: false)).Succeeded);
    }

    [Fact]
    public async Task An_account_that_is_given_back_can_be_taken_at_once()
    {
        var account = await azurite.NewAccountAsync();
        await (await AcquireAsync(account, "local", shared: false)).Value.DisposeAsync();
        Assert.Null(await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
        await using var next = (await AcquireAsync(account, "functions", shared: true)).Value;
        Assert.Equal("functions", next.Owner.Kind);
    }

    [Fact]
    public async Task The_lease_of_a_process_that_has_ended_is_broken()
    {
        var account = await azurite.NewAccountAsync();
        var here = AccountOwner.Here("local", DateTimeOffset.UtcNow);

        // Our own number with another start is another process, and one number has one process at a time.
        var ended = (await OwnerLease.AcquireAsync(account, here with { Since = DateTimeOffset.UnixEpoch, ProcessStart = here.ProcessStart is null ? null : "0" }, shared: false, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance, CancellationToken.None)).Value;
        await using (ended)
        {
            Assert.Null(await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
            await using var next = (await AcquireAsync(account, "functions", shared: true)).Value;
            Assert.Equal(next.Owner, await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
        }
    }

    private static Task<Outcome<OwnerLease>> AcquireAsync(MediaAccount account, string kind, bool shared) => OwnerLease.AcquireAsync(
        account, AccountOwner.Here(kind, DateTimeOffset.UtcNow), shared, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
}
