using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Poison;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// Decodes that might end the process. Those that are next in line are announced, and are marked as begun by the first of them that gets a place:
/// they share its request. A file further behind in line does not come under suspicion when another one ends the process.
/// </summary>
/// <param name="places">The places for decodes.</param>
/// <param name="marks">The marks of decodes.</param>
internal sealed class GuardedDecodes(CpuLine places, DecodeMarks marks)
{
    /// <summary>Number of decodes of each kind that are announced before there is a place for them.</summary>
    private const int Announced = 3;

    private readonly CpuLine next = places.Before(Announced);

    /// <param name="work">The work, which takes a place.</param>
    /// <param name="key">Key of the decode's result.</param>
    /// <param name="decode">The decode, which waits for nothing but itself.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    /// <returns>The result of the decode, or <c>step-crashed</c>.</returns>
    public async Task<Outcome<T>> RunAsync<T>(CpuWork work, CacheKey key, Func<Task<Outcome<T>>> decode, CancellationToken cancellationToken)
        where T : notnull
    {
        using var turn = await next.TakeAsync(work, cancellationToken);
        var announced = await marks.AnnounceAsync(key, cancellationToken);
        if (!announced.Succeeded) return announced.Failure;
        await using var mark = announced.Value;
        using var place = await places.TakeAsync(work, cancellationToken);
        await mark.BeginAsync(cancellationToken);
        try
        {
            return await decode();
        }
        finally
        {
            // The next decode does not wait for storage to remove the mark.
            place.Dispose();
        }
    }
}
