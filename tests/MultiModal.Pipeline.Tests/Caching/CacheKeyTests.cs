using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Tests.Caching;

public class CacheKeyTests
{
    private static readonly ContentHash Content = ContentHash.Compute("bytes"u8);

    [Fact]
    public void A_key_names_the_step_the_content_and_a_fingerprint_of_everything_else()
    {
        var key = CacheKey.Create("analyze-image", Content, 1, "engine");
        Assert.Matches($"^analyze-image/{Content.Value}/[0-9a-f]{{32}}$", key.Name);
        Assert.Equal(key.Name, key.ToString());
    }

    [Fact]
    public void A_limit_may_be_infinite() =>
        Assert.NotEqual(CacheKey.Create("step", Content, double.PositiveInfinity), CacheKey.Create("step", Content, double.NegativeInfinity));

    [Fact]
    public void A_key_needs_a_step()
    {
        Assert.Throws<ArgumentException>(() => CacheKey.Create("", Content));
        Assert.Throws<ArgumentNullException>(() => CacheKey.Create(null!, Content));
    }

    [Fact]
    public void A_key_that_was_never_assigned_names_no_blob()
    {
        Assert.Equal("A cache key was never assigned.", Assert.Throws<InvalidOperationException>(() => default(CacheKey).Name).Message);
        Assert.Equal("", default(CacheKey).ToString());
    }
}
