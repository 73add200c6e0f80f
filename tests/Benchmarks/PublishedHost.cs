using System.Diagnostics;

namespace MultiModal.Benchmarks;

/// <summary>The local host as it is published for this machine, compiled ahead of time. It is published once by each benchmark.</summary>
internal static class PublishedHost
{
    private static readonly Lazy<Task<string>> Publication = new(PublishAsync);

    /// <returns>Path of the host's assembly.</returns>
    public static Task<string> AssemblyAsync() => Publication.Value;

    private static async Task<string> PublishAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "host");
        await using var publish = ChildProcess.Start(new ProcessStartInfo(
            "dotnet",
            [
                "publish", Repository.File("src", "MultiModal.LocalHost"), "--configuration", "Release", "--use-current-runtime", "--no-self-contained",
                "--output", folder, "--nologo", "--verbosity", "quiet",
            ]));
        return await publish.EndAsync() == 0
            ? Path.Combine(folder, "MultiModal.LocalHost.dll")
            : throw new InvalidOperationException($"{await publish.Output}{await publish.Errors}");
    }
}
