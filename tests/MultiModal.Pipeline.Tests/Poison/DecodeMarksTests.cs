using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Poison;
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

    private static DecodeMarks Marks(MediaAccount account) =>
        new(account, Options.Create(new PipelineOptions()), TimeProvider.System, NullLogger<DecodeMarks>.Instance);
}
