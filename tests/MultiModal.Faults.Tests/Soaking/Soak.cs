using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using MultiModal.Faults.Tests.Hosts;
using MultiModal.Faults.Tests.Inputs;
using MultiModal.Pipeline.Storage;
using MultiModal.Testing.Identity;

namespace MultiModal.Faults.Tests.Soaking;

/// <summary>
/// Everything goes wrong at once, for as long as is asked: then faults stop, the host comes to rest by itself, and the invariants hold.
/// </summary>
internal sealed class Soak(int seed, TimeSpan length)
{
    private const double FaultyModelCalls = 0.30;
    private const double FaultyStorageCalls = 0.05;
    private const double FaultyTokenSpells = 0.30;
    private const int TokenSpell = 12;

    /// <summary>For which a host that was just started is left in peace, if it does not ask storage for anything.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private static readonly FaultKind[] ModelFaults =
    [
        FaultKind.TooManyRequests, FaultKind.ServerError, FaultKind.ResetBeforeAnswer, FaultKind.AnswerLost, FaultKind.ResetDuringAnswer,
        FaultKind.SlowDrip, FaultKind.Delay,
    ];

    private readonly Random random = new(seed);
    private readonly List<string> dropped = [];
    private int batches;
    private int kills;
    private int terminations;
    private int pauses;
    private int seconds;
    private int drops;

    public static async Task<int> RunAsync(string minutes, string? seed)
    {
        var chosen = seed is null ? Random.Shared.Next() : int.Parse(seed, CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"soak: seed {chosen}; replay with: tests/soak {minutes} {chosen}"));
        await new Soak(chosen, TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))).RunAsync();
        return 0;
    }

    private async Task RunAsync()
    {
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        try
        {
            await using var simulator = await SimulatorServer.StartAsync();
            var direct = azurite.NewConnectionString();
            await using var identity = await IdentityEndpoint.StartAsync();
            await using var proxy = await StorageProxy.StartAsync(direct, identity);
            await using var trigger = await StorageProxy.StartAsync(direct);
            var account = MediaAccount.Open(new StorageOptions { ConnectionString = direct });
            await account.CreateContainersAsync(CancellationToken.None);
            var start = Stopwatch.GetTimestamp();
            simulator.Script = new Script([.. ModelFaults.Select(ModelRule)], seed);
            proxy.Plan = trigger.Plan = new StorageFaultPlan(seed, FaultyStorageCalls, Enum.GetValues<StorageFaultKind>());
            identity.Faults = new TokenFaultPlan(seed, FaultyTokenSpells, TokenSpell).Draw;
            var hub = azurite.NewConnectionString();
            async Task<ChildProcess> StartAsync()
            {
                // On a busy machine a host takes long to come to its first request. One that is killed before tests nothing.
                var (before, begun) = (proxy.Requests, Stopwatch.GetTimestamp());
                var started = HostUnderTest.Start(trigger.ConnectionString, proxy, identity, hub, simulator);
                while (proxy.Requests == before && !started.HasEnded && Stopwatch.GetElapsedTime(begun) < StartLimit) await Task.Delay(100);
                await Task.Delay(HostUnderTest.StartTime);
                return started;
            }

            var host = await StartAsync();
            try
            {
                while (Stopwatch.GetElapsedTime(start) < length)
                {
                    host = await ActAsync(account, host, StartAsync);
                    await Task.Delay(random.Next(200, 1500));
                }

                proxy.Plan = trigger.Plan = StorageFaultPlan.None;
                identity.Faults = _ => null;
                simulator.Script = Script.None;
                if (host.HasEnded) host = await ReplacedAsync(host, StartAsync);
                var rest = Stopwatch.GetTimestamp();
                var invariants = new Invariants(direct, simulator);
                var rested = await invariants.AtRestAsync(host, HostUnderTest.RestLimit);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture, $"soak: at rest {Stopwatch.GetElapsedTime(rest).TotalSeconds:0} s after the faults stopped"));
                await invariants.HoldAsync(rested);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"soak: seed {seed}, {Stopwatch.GetElapsedTime(start).TotalMinutes:0.0} min, {rested.Count} batches, {drops} drops, {kills} kill -9, {terminations} SIGTERM, {pauses} SIGSTOP, {seconds} second hosts, {proxy.Requests} storage requests with {proxy.Injected.Values.Sum()} faults, {identity.Requests} token requests with {identity.Injected.Values.Sum()} faults, {simulator.Requests.Count} model calls, {invariants.Figures}"));
                Console.WriteLine("soak: all invariants hold");
            }
            finally
            {
                await host.DisposeAsync();
            }
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    private static ScriptRule ModelRule(FaultKind kind) =>
        new(new Fault(kind) { RetryAfterMs = 50, DelayMs = kind == FaultKind.Delay ? 1000 : 0, IntervalMs = 20, Status = 503 })
    {
        Probability = FaultyModelCalls / ModelFaults.Length,
    };

    private async Task<ChildProcess> ActAsync(MediaAccount account, ChildProcess host, Func<Task<ChildProcess>> starts)
    {
        if (host.HasEnded) return await ReplacedAsync(host, starts);
        switch (random.Next(20))
        {
            case < 8:
                await DropAsync(account);
                return host;
            case < 10 when dropped.Count > 0:
                await account.Inbox.GetBlobClient(dropped[random.Next(dropped.Count)])
                    .UploadAsync(new BinaryData(NewContent().Bytes), overwrite: true);
                return host;
            case < 11 when dropped.Count > 10:
                await account.Inbox.DeleteBlobIfExistsAsync(dropped[random.Next(dropped.Count)]);
                return host;
            case < 12:
                pauses++;
                await host.SignalAsync("STOP");
                await Task.Delay(random.Next(500, 3000));
                await host.SignalAsync("CONT");
                return host;
            case < 13:
                seconds++;
                await using (await starts())
                {
                    await Task.Delay(random.Next(1000, 4000));
                }

                return host;
            case < 14:
                terminations++;
                await host.SignalAsync("TERM");
                await host.EndAsync();
                return await ReplacedAsync(host, starts);
            default:
                kills++;
                await host.KillAsync();
                return await ReplacedAsync(host, starts);
        }
    }

    /// <summary>A dead host's place is taken at once; a host that storage's faults keep from starting is started again.</summary>
    private static async Task<ChildProcess> ReplacedAsync(ChildProcess dead, Func<Task<ChildProcess>> starts)
    {
        await dead.DisposeAsync();
        return await starts();
    }

    private async Task DropAsync(MediaAccount account)
    {
        drops++;
        var batch = batches > 0 && random.Next(3) == 0 ? random.Next(batches) : batches++;
        for (var file = random.Next(3, 10); file > 0; file--)
        {
            var (bytes, extension) = NewContent();
            var name = string.Create(CultureInfo.InvariantCulture, $"batch{batch:D4}/{random.Next(1000):D3}{extension}");
            await account.Inbox.GetBlobClient(name).UploadAsync(new BinaryData(bytes), overwrite: true);
            dropped.Add(name);
        }
    }

    /// <summary>Few enough pictures and notes that some come again in other batches; some of them damaged.</summary>
    private (byte[] Bytes, string Extension) NewContent()
    {
        var number = random.Next(120);
        if (random.Next(
            4) == 0) return (System.Text.Encoding.UTF8.GetBytes($"Note {number}: the ferry leaves at {number % 24} from the covered quay."), ".txt");
        var jpeg = TestImage.Jpeg(number, 160, 120);
        return (random.Next(8) == 0 ? Mutation.Of(jpeg, random) : jpeg, ".jpg");
    }
}
