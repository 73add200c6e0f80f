using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Testing.Azurite;

/// <summary>What the product keeps in an account of an Azurite.</summary>
public static class AzuriteAccounts
{
    /// <summary>An account that nobody else was given, its containers there and empty.</summary>
    public static async Task<MediaAccount> NewAccountAsync(this AzuriteFixture azurite)
    {
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = azurite.NewConnectionString() });
        await account.CreateContainersAsync(CancellationToken.None);
        return account;
    }

    /// <summary>An empty ledger in an account that nobody else was given.</summary>
    /// <param name="azurite">Where the account is.</param>
    /// <param name="time">The ledger's clock.</param>
    /// <param name="budget">No limit without one.</param>
    /// <param name="account">Connection string.</param>
    /// <param name="patience">Seconds for which a call under way is waited for.</param>
    public static CostLedger NewLedger(
        this AzuriteFixture azurite, TimeProvider time, BudgetOptions? budget = null, string? account = null, int patience = 0) => new(
        new TableServiceClient(account ?? azurite.NewConnectionString()),
        Options.Create(budget ?? new BudgetOptions()),
        Options.Create(new PipelineOptions()),
        Options.Create(new AiOptions { TimeoutSeconds = patience }),
        time);
}
