namespace MultiModal.Faults.Tests;

/// <summary>This very program with other arguments (Program.cs), in a process of its own.</summary>
internal static class OwnProgram
{
    public static ChildProcess Start(params string[] arguments) =>
        ChildProcess.StartDotnet(typeof(OwnProgram).Assembly.Location, arguments, ("DOTNET_DbgEnableMiniDump", "0"));
}
