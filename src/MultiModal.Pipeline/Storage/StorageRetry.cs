using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// Decides when a request to storage is sent again: in the cases of the client libraries, and also if an identity got no token for it.
/// The libraries leave that case to the caller, as if only a wrong setting could be the cause, but a token service can fail temporarily
/// just as storage can.
/// </summary>
/// <param name="maxRetries">Maximum number of retries of a failed request.</param>
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
