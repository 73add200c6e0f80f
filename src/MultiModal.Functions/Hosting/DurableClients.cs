using Microsoft.DurableTask.Client;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// The Durable client of the function that is being invoked. Functions hands it to functions only, by a binding;
/// what a function calls finds it here.
/// </summary>
public sealed class DurableClients
{
    private readonly AsyncLocal<DurableTaskClient?> current = new();

    /// <exception cref="InvalidOperationException">The function that is being invoked has no client binding, or did not lend it.</exception>
    public DurableTaskClient Current => current.Value ?? throw new InvalidOperationException("This function was not given a Durable client.");

    /// <summary>Lends a function's client to what the function calls from here on.</summary>
    public void Provide(DurableTaskClient client) => current.Value = client;
}
