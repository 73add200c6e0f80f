namespace MultiModal.Pipeline.Poison;

/// <summary>A decode under way; disposing it says that it has ended, however it did.</summary>
internal sealed class MarkedDecode(Func<ValueTask> end) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => end();
}
