using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Poison;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// Decodes that might end the process. Each waits for its place, and only then is marked as begun: a file that waits in line when another
/// one ends the process does not come under suspicion.
/// </summary>
internal sealed class GuardedDecodes(CpuLine places, DecodeMarks marks)
{
    /// <param name="work">The work, which takes a place.</param>
    /// <param name="key">Key of the decode's result.</param>
    /// <param name="decode">The decode, which waits for nothing but itself.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    /// <returns>The result of the decode, or <c>step-crashed</c>.</returns>
    public async Task<Outcome<T>> RunAsync<T>(CpuWork work, CacheKey key, Func<Task<Outcome<T>>> decode, CancellationToken cancellationToken)
        where T : notnull
    {
        using var place = await places.TakeAsync(work, cancellationToken);
        var begun = await marks.BeginAsync(key, cancellationToken);
        if (!begun.Succeeded) return begun.Failure;
        await using var mark = begun.Value;
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
