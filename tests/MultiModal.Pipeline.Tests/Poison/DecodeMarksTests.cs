using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Poison;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Poison;

[Collection(SharedAzurite.Name)]
public sealed class DecodeMarksTests(AzuriteFixture azurite)
{
    private static readonly CacheKey Key = CacheKey.Create("prepare-audio", ContentHash.Compute("a long recording"u8), 1);

    [Theory]
    [InlineData(29, null)]
    [InlineData(31, FailureCodes.StepCrashed)]
    public async Task A_decode_on_another_machine_is_under_way_for_as_long_as_a_step_may_take(int minutes, string? code)
    {
        var account = await azurite.NewAccountAsync();
        var elsewhere = AccountOwner.Here("decode", TimeProvider.System.GetUtcNow().AddMinutes(-minutes)) with { ProcessSpace = "another machine" };
        var starts = Enumerable.Range(0, DecodeMarks.MaxStarts).Select(n => new DecodeStart($"start{n}", elsewhere));
        var name = $"starts/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key.Name)))}.json";
        await account.State.WriteJsonAsync(name, new DecodeMark([.. starts]), metadata: null, CancellationToken.None);

        await using var marks = Marks(account);
        var begun = await marks.AnnounceAsync(Key, CancellationToken.None);
        Assert.Equal(code, begun.Failure?.Code);
        if (begun.Succeeded) await begun.Value.DisposeAsync();
    }

    [Fact]
    public async Task Decodes_that_are_next_in_line_are_named_with_the_one_that_begins()
    {
        var account = await azurite.NewAccountAsync();
        await using var marks = Marks(account);
        var places = new CpuLine(1, new Dictionary<CpuWorkKind, int>(), TimeProvider.System);
        var decodes = new GuardedDecodes(places, marks);
        var begun = Channel.CreateUnbounded<TaskCompletionSource>();
        var all = new List<Task> { DecodeAsync(0) };
        var first = await begun.Reader.ReadAsync();
        Assert.Equal(1, await CountNamedAsync(account));

        all.AddRange(Enumerable.Range(1, 4).Select(DecodeAsync));
        await Eventually.IsTrueAsync("three wait for the place, and one is further behind", () => places.Waiting == 3);
        first.SetResult();
        var second = await begun.Reader.ReadAsync();
        Assert.InRange(await CountNamedAsync(account), 3, all.Count);

        second.SetResult();
        for (var rest = 0; rest < 3; rest++) (await begun.Reader.ReadAsync()).SetResult();
        await Task.WhenAll(all);

        Task DecodeAsync(int number) => decodes.RunAsync<string>(
            CpuWork.Image("batch", bytes: 1, inDecoder: false),
            CacheKey.Create("optimize-image", ContentHash.Compute([(byte)number]), 1),
            async () =>
            {
                var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await begun.Writer.WriteAsync(end);
                await end.Task;
                return "decoded";
            },
            CancellationToken.None);
    }

    /// <summary>Counts the decodes that the blob of the only process names.</summary>
    private static async Task<int> CountNamedAsync(MediaAccount account)
    {
        var blobs = account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = "decodes/" }, CancellationToken.None);
        var named = await account.State.ReadJsonAsync<ProcessDecodes>((await blobs.SingleAsync()).Name, CancellationToken.None);
        return named!.Value.Decodes.Count;
    }

    private static DecodeMarks Marks(MediaAccount account) =>
        new(account, Options.Create(new PipelineOptions()), TimeProvider.System, NullLogger<DecodeMarks>.Instance);
}
