using System.Runtime.InteropServices;

namespace MultiModal.Pipeline.Programs;

/// <summary>Programs of the product that are installed beside this assembly, each a process of its own for one file.</summary>
internal static class OwnProgram
{
    private static readonly string Folder = AppContext.BaseDirectory;

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Variables that such a program needs.</summary>
    public static Dictionary<string, string> Environment => new()
    {
        // Pipes for debuggers would remain after a process that is killed.
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_ROOT"] = DotnetRoot,
    };

    /// <summary>Starts it by the runtime that runs this process, or (if published with a runtime of its own) by its own executable.</summary>
    /// <param name="name">Name of the program, such as <c>MultiModal.Decoder</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProgramCall Call(string name, IReadOnlyList<string> arguments)
    {
        var runtime = Path.Combine(DotnetRoot, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var program = Path.Combine(Folder, name);
        var call = File.Exists(runtime)
            ? new ProgramCall(runtime, [program + ".dll", .. arguments])
            : new ProgramCall(OperatingSystem.IsWindows() ? program + ".exe" : program, arguments);
        return call with { Environment = Environment };
    }
}
