using AzureOpenAISimulator;
using MultiModal.Testing.Identity;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>
/// Starts the host that the suite and the soak run against: the local host, or the Functions app where <c>FAULTS_HOST</c> is <c>functions</c>.
/// </summary>
internal static class HostUnderTest
{
    public static bool IsFunctions { get; } = Environment.GetEnvironmentVariable("FAULTS_HOST") == "functions";

    /// <summary>For which a host just started is left in peace.</summary>
    public static TimeSpan StartTime { get; } = TimeSpan.FromSeconds(IsFunctions ? 15 : 2);

    /// <summary>
    /// Until all is at rest: Durable hands out again only after a minute what a dead host had taken, and a host takes half a minute to start.
    /// </summary>
    public static TimeSpan RestLimit { get; } = TimeSpan.FromMinutes(IsFunctions ? 8 : 3);

    /// <param name="storage">The media account, perhaps through a proxy.</param>
    /// <param name="hub">The account of the Functions app's task hub.</param>
    /// <param name="simulator">The models.</param>
    public static ChildProcess Start(string storage, string hub, SimulatorServer simulator) => IsFunctions
        ? FunctionsHost.Start(storage, hub, simulator, FunctionsHost.Drops.Polled).Process
        : LocalHostProgram.Start(["serve"], HostSettings.For(storage, simulator));

    /// <summary>Starts a host that signs in to its media account with a managed identity.</summary>
    /// <param name="trigger">Connection string of the media account, for the blob trigger of the Functions app.</param>
    /// <param name="storage">The media account, which lets this identity in.</param>
    /// <param name="identity">The identity.</param>
    /// <param name="hub">The account of the Functions app's task hub.</param>
    /// <param name="simulator">The models.</param>
    public static ChildProcess Start(
        string trigger, StorageProxy storage, IdentityEndpoint identity, string hub, SimulatorServer simulator) => IsFunctions
        ? FunctionsHost.Start(trigger, storage, identity, hub, simulator).Process
        : LocalHostProgram.Start(["serve"], HostSettings.For(storage, simulator), identity.Environment);
}
