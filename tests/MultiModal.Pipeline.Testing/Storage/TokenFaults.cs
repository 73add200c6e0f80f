using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Testing.Storage;

/// <summary>
/// Stands where an identity's token is put on each try of a request, and fails as <see cref="DefaultAzureCredential"/> does where it
/// gets none. A real identity needs TLS, which Azurite has not; the requests themselves are signed with the account's key.
/// </summary>
public sealed class TokenFaults : HttpPipelinePolicy
{
    private int refused;

    /// <summary>Requests without a token; none at first.</summary>
    public Func<Request, bool> Refuses { get; set; } = _ => false;

    /// <summary>Tokens refused so far.</summary>
    public int Refused => refused;

    /// <summary>The blobs of an account, reached with these tokens.</summary>
    /// <param name="connectionString">Of the account.</param>
    /// <param name="maxRetries">Tries of a request after the first; none, so that a refused token is felt at once.</param>
    public MediaAccount OpenAccount(string connectionString, int maxRetries = 0)
    {
        var options = new BlobClientOptions { RetryPolicy = new StorageRetry(maxRetries) };
        options.AddPolicy(this, HttpPipelinePosition.PerRetry);
        return new MediaAccount(new BlobServiceClient(connectionString, options));
    }

    /// <summary>The tables of an account, reached with these tokens.</summary>
    /// <param name="connectionString">Of the account.</param>
    /// <param name="maxRetries">Tries of a request after the first; none, so that a refused token is felt at once.</param>
    public TableServiceClient OpenTables(string connectionString, int maxRetries = 0)
    {
        var options = new TableClientOptions { RetryPolicy = new StorageRetry(maxRetries) };
        options.AddPolicy(this, HttpPipelinePosition.PerRetry);
        return new TableServiceClient(connectionString, options);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        MustHaveToken(message);
        ProcessNext(message, pipeline);
    }

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        MustHaveToken(message);
        return ProcessNextAsync(message, pipeline);
    }

    private void MustHaveToken(HttpMessage message)
    {
        if (!Refuses(message.Request)) return;
        Interlocked.Increment(ref refused);
        throw new AuthenticationFailedException("The token was refused.");
    }
}
