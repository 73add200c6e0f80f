using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class OwnerLeaseTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_host_of_another_kind_is_refused_and_the_error_names_the_owner()
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
        var ended =
            (await OwnerLease.AcquireAsync(
                account, here with { Since = DateTimeOffset.UnixEpoch, ProcessStart = here.ProcessStart is null ? null : "0" }, shared: false,
                TimeSpan.Zero, TimeProvider.System, NullLogger.Instance, CancellationToken.None)).Value;
        await using (ended)
        {
            Assert.Null(await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
            await using var next = (await AcquireAsync(account, "functions", shared: true)).Value;
            Assert.Equal(next.Owner, await OwnerLease.ReadOwnerAsync(account, CancellationToken.None));
        }
    }

    [Theory]
    [InlineData("local", false, "functions", true)]
    [InlineData("functions", true, "local", true)]
    [InlineData("functions", true, "functions", false)]
    public async Task An_owner_that_slept_past_its_lease_stops_if_a_stranger_had_the_account_meanwhile(
        string kind, bool shared, string meanwhile, bool stops)
    {
        var account = await azurite.NewAccountAsync();
        var clock = new WatchedClock();
        await using var slept = (await AcquireAsync(account, kind, shared, clock)).Value;
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var tells = slept.Lost.Register(lost.SetResult);

        // What time does to a lease that nobody renews, breaking it does at once.
        await BreakAsync(account);
        await (await AcquireAsync(account, meanwhile, shared: meanwhile == kind)).Value.DisposeAsync();
        await BreakAsync(account);
        clock.Advance(RenewEvery);

        // The pause that has passed, the limit of a renewal, and the next pause, if there is one.
        await Task.WhenAny(lost.Task, clock.WaitsAsync(RenewEvery, times: 3));
        Assert.Equal(stops, slept.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Only_a_lease_that_nobody_shares_makes_a_process_the_sole_owner()
    {
        var account = await azurite.NewAccountAsync();
        var ownership = new SoleOwnership(TimeProvider.System);
        Assert.False(await ownership.IsHeldAsync(CancellationToken.None));
        await using (var shared = (await AcquireAsync(account, "functions", shared: true)).Value)
        {
            ownership.Note(shared);
            Assert.False(await ownership.IsHeldAsync(CancellationToken.None));
            await BreakAsync(account);
        }

        var own = (await AcquireAsync(account, "local", shared: false)).Value;
        ownership.Note(own);
        Assert.True(await ownership.IsHeldAsync(CancellationToken.None));
        await own.DisposeAsync();
        Assert.False(await ownership.IsHeldAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_slept_past_its_lease_is_the_sole_owner_only_once_the_lease_is_renewed(bool isTaken)
    {
        var account = await azurite.NewAccountAsync();
        var clock = new WatchedClock();
        await using var slept = (await AcquireAsync(account, "local", shared: false, clock)).Value;
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var tells = slept.Lost.Register(lost.SetResult);
        var ownership = new SoleOwnership(clock);
        ownership.Note(slept);
        if (isTaken) await BreakAsync(account);
        await using var successor = isTaken ? (await AcquireAsync(account, "local", shared: false)).Value : null;

        clock.Advance(TimeSpan.FromSeconds(OwnerLease.LeaseSeconds));
        var answer = ownership.IsHeldAsync(CancellationToken.None);

        // The pause that has passed, the limit of a renewal, the wait for the answer, and the next pause, if there is one.
        await Task.WhenAny(answer, lost.Task, clock.WaitsAsync(RenewEvery, times: 4));
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(!isTaken, await answer);
    }

    private static async Task BreakAsync(MediaAccount account)
    {
        var owner = account.State.GetBlobClient("owner.json");
        if ((await owner.GetPropertiesAsync()).Value.LeaseState == LeaseState.Leased) await owner.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
    }

    private static Task<Outcome<OwnerLease>> AcquireAsync(MediaAccount account, string kind, bool shared, TimeProvider? time = null) =>
        OwnerLease.AcquireAsync(
        account, AccountOwner.Here(kind, DateTimeOffset.UtcNow), shared, TimeSpan.Zero, time ?? TimeProvider.System, NullLogger.Instance,
        CancellationToken.None);
}
