using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// When a request to storage is sent again: as the client libraries do, and also where an identity got no token for it. They leave
/// that one to the caller, as if only a wrong setting could be the cause; a token service that stumbles is no different from storage that does.
/// </summary>
/// <param name="maxRetries">Tries of a failed request after the first.</param>
public sealed class StorageRetry(int maxRetries)
    : RetryPolicy(maxRetries, DelayStrategy.CreateExponentialDelayStrategy(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(10)))
{
    private readonly int maxRetries = maxRetries;

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        base.ShouldRetry(message, exception) || IsForWantOfAToken(message, exception);

    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        await base.ShouldRetryAsync(message, exception) || IsForWantOfAToken(message, exception);

    private bool IsForWantOfAToken(HttpMessage message, Exception? exception)
    {
        ArgumentNullException.ThrowIfNull(message);
        return exception is AuthenticationFailedException && message.ProcessingContext.RetryNumber < maxRetries;
    }
}
