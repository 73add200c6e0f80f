namespace MultiModal.Testing.Programs;

/// <summary>The local host's own program, which lies beside the tests of a project that refers to it.</summary>
public static class LocalHostProgram
{
    /// <param name="command">The command and its arguments.</param>
    /// <param name="settings">Each as <c>Name:Key=value</c>.</param>
    /// <param name="environment">Added to the tests' own environment.</param>
    public static ChildProcess Start(IReadOnlyList<string> command, IEnumerable<string> settings, params (string Name, string Value)[] environment) =>
        ChildProcess.StartDotnet(
            Path.Combine(AppContext.BaseDirectory, "MultiModal.LocalHost.dll"),
            [.. command, .. settings.SelectMany(setting => new[] { "--set", setting })],
            environment);

    /// <summary>Starts it and waits for its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        IReadOnlyList<string> command, IEnumerable<string> settings, params (string Name, string Value)[] environment)
    {
        await using var run = Start(command, settings, environment);
        var exitCode = await run.EndAsync();
        return (exitCode, await run.Output, await run.Errors);
    }
}
