using AzureOpenAISimulator;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Testing.Identity;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>The real host, which signs in to storage with a managed identity whose tokens come from a service that fails.</summary>
[Collection(SharedAzurite.Name)]
public sealed class IdentityTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const int Items = 5;

    private readonly string storage = azurite.NewConnectionString();
    private readonly string hub = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private IdentityEndpoint identity = null!;
    private StorageProxy proxy = null!;
    private MediaAccount account = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        identity = await IdentityEndpoint.StartAsync();
        proxy = await StorageProxy.StartAsync(storage, identity);
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        await identity.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    [Trait("Host", "Any")]
    public async Task A_host_that_gets_only_every_second_token_pays_nothing_twice_and_gives_no_step_up()
    {
        await using var host = await StartAsync();

        identity.Faults = new TokenFaultPlan(Seed: 13, Probability: 0.5, Spell: 1).Draw;
        foreach (var batch in new[] { "album", "copies", "later" })
        {
            for (var item = 0; item < Items; item++) await account.Inbox.GetBlobClient($"{batch}/{item}.jpg")
                .UploadAsync(new BinaryData(TestImage.Jpeg(item)));
            await account.Inbox.GetBlobClient($"{batch}/note.txt").UploadAsync(BinaryData.FromString($"The ferry of {batch} leaves at nine."));
        }

        var invariants = new Invariants(storage, simulator);
        var batches = await invariants.AtRestAsync(host, HostUnderTest.RestLimit);
        Assert.True(identity.Injected.Values.Sum() > 2, $"{identity.Injected.Values.Sum()} of {identity.Requests} tokens were refused.");
        Assert.Equal(3, batches.Count);
        await invariants.HoldAsync(batches);
        Assert.Empty(simulator.Bill.PaidTwice());
        foreach (var batch in batches)
        {
            var report = (await account.Results.ReadJsonAsync<Report>($"{batch.ResultsFolder}/report.json", CancellationToken.None))!.Value;
            Assert.All(report.Items, i => Assert.Equal((ItemStatus.Succeeded, null), (i.Status, i.Error?.Code)));
            Assert.NotNull(report.Synthesis);
        }
    }

    [Fact]
    [Trait("Host", "Any")]
    public async Task A_host_whose_first_tokens_are_refused_starts_all_the_same()
    {
        identity.Faults = arrival => arrival <= 3 ? TokenFaultKind.Refused : null;
        await using var host = await StartAsync();
        Assert.Equal(3, identity.Injected.Values.Sum());
    }

    /// <summary>Starts a host, and waits until it owns the account.</summary>
    private async Task<ChildProcess> StartAsync()
    {
        var host = HostUnderTest.Start(storage, proxy, identity, hub, simulator);
        try
        {
            return await Eventually.IsAsync("a host that owns the account", async () =>
            {
                host.MustRun();
                return await account.State.GetBlobClient("owner.json").ExistsAsync() ? host : null;
            }, HostUnderTest.RestLimit);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
