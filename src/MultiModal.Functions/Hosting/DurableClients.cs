using Microsoft.DurableTask.Client;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// The Durable client of the current function. Functions provides it only to functions, by a binding; the code that a function calls
/// finds it here.
/// </summary>
public sealed class DurableClients
{
    private readonly AsyncLocal<DurableTaskClient?> current = new();

    /// <exception cref="InvalidOperationException">The current function has no client binding, or did not provide its client.</exception>
    public DurableTaskClient Current => current.Value ?? throw new InvalidOperationException("This function was not given a Durable client.");

    /// <summary>Provides a function's client to the code that it calls from here on.</summary>
    public void Provide(DurableTaskClient client) => current.Value = client;
}
