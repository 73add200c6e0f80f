using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Azure;
using Azure.Identity;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Commands;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;

namespace MultiModal.LocalHost.Tests;

/// <summary>What the command line says to folders, places and errors that nobody had in mind.</summary>
[Collection(SharedAzurite.Name)]
public sealed class FirstContactTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string storage = azurite.NewConnectionString();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public async Task Pipes_sockets_and_links_in_the_folder_are_skipped_and_named()
    {
        using var odd = await OddAsync();

        var (exitCode, output, errors) = await RunBoundedAsync("run", odd.Path);

        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.All(OddFolder.Named, name => Assert.Contains($"odd: skipping {name}", output, StringComparison.Ordinal));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["odd.report.json"]));
        Assert.Equal("note.txt", Assert.Single(report.RootElement.GetProperty("items").EnumerateArray()).GetProperty("name").GetString());
    }

    [SkippableFact]
    public async Task An_estimate_skips_and_names_pipes_sockets_and_links()
    {
        using var odd = await OddAsync();

        var (exitCode, output, errors) = await RunBoundedAsync("estimate", odd.Path);

        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.All(OddFolder.Named, name => Assert.Contains($"skipping {name}", output, StringComparison.Ordinal));
        Assert.Contains("note.txt", output, StringComparison.Ordinal);
        Assert.Equal(0, await UploadedAsync());
    }

    [SkippableFact]
    public void A_device_is_told_from_a_file_and_a_folder()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such files.");
        Assert.Equal("a device", SpecialFile.KindOf(new FileInfo("/dev/null")));
        Assert.Null(SpecialFile.KindOf(new FileInfo(Path.Combine(Folder("plain", "note.txt"), "note.txt"))));
        Assert.Null(SpecialFile.KindOf(new DirectoryInfo(folder["plain"])));
    }

    [SkippableFact]
    public async Task A_folder_with_nothing_but_special_files_is_refused_with_their_names()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such files.");
        Directory.CreateDirectory(folder["hollow"]);
        await Tool.RunAsync("mkfifo", Path.Combine(folder["hollow"], "queue"));

        await using var run = LocalHostProgram.Start(["run", folder["hollow"]], Settings());
        Assert.Equal(ExitCode.Usage, await run.EndAsync().WaitAsync(TimeSpan.FromMinutes(2)));

        var errors = await run.Errors;
        Assert.StartsWith("no-such-folder: ", errors, StringComparison.Ordinal);
        Assert.Contains("queue (a pipe)", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("taken", "is a file")]
    [InlineData("taken/below", "can't be written")]
    public async Task A_place_where_no_report_can_be_written_is_refused_before_anything_is_uploaded(string output, string said)
    {
        await File.WriteAllTextAsync(folder["taken"], "already here");

        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["run", Folder("notes", "note.txt"), "--out", folder[output]], Settings());

        Assert.Equal(ExitCode.OutputNotWritable, exitCode);
        Assert.StartsWith("output-not-writable: ", errors, StringComparison.Ordinal);
        Assert.Contains(said, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Equal(0, await UploadedAsync());
        Assert.Equal("already here", await File.ReadAllTextAsync(folder["taken"]));
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_report_is_refused_before_anything_is_uploaded()
    {
        Directory.CreateDirectory(folder["notes.report.md"]);

        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["run", Folder("notes", "note.txt")], Settings());

        Assert.Equal(ExitCode.OutputNotWritable, exitCode);
        Assert.Contains("notes.report.md", errors, StringComparison.Ordinal);
        Assert.Equal(0, await UploadedAsync());
    }

    [Fact]
    public async Task A_name_that_turns_text_around_is_shown_with_its_hidden_characters_and_stays_as_it_is_in_json()
    {
        const string Name = "photo_\u202Egpj";
        var (exitCode, output, errors) = await LocalHostProgram.RunAsync(
            ["run", Folder("notes", "cod.\u202Etxt"), "--batch", Name], Settings());

        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.Contains(@"photo_\u202Egpj: succeeded", output, StringComparison.Ordinal);
        var status = await LocalHostProgram.RunAsync(["status"], Settings());
        Assert.Contains(@"photo_\u202Egpj", status.Output, StringComparison.Ordinal);
        var markdown = await File.ReadAllTextAsync(folder["notes.report.md"]);
        Assert.Contains(@"cod.\\u202Etxt", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", output + status.Output + markdown, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["notes.report.json"]));
        Assert.Equal(Name, report.RootElement.GetProperty("batch").GetString());
        Assert.Equal("cod.\u202Etxt", report.RootElement.GetProperty("items")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_address_that_another_program_has_is_named_with_what_to_do()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)stranger.LocalEndpoint).Port}");

        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["serve"], [.. Settings(), $"LocalHost:Url={url}"]);

        Assert.Equal(ExitCode.AddressNotAvailable, exitCode);
        var line = Assert.Single(errors.Split('\n'), l => l.StartsWith("address-not-available: ", StringComparison.Ordinal));
        Assert.Contains("LocalHost:Url", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    public static TheoryData<Exception, string, int> Faults => new()
    {
        { new RefusedException(FailureCodes.NoSuchFolder, "There is no folder."), "no-such-folder: There is no folder.", ExitCode.Usage },
        { new OptionsValidationException("", typeof(object), ["A is wrong."]), "invalid-setting: A is wrong.", ExitCode.InvalidSetting },
        { new AuthenticationFailedException("No token."), "storage-denied: ", ExitCode.StorageUnreachable },
        { new RequestFailedException(403, "No.", "AuthorizationFailure", null), "storage-denied: ", ExitCode.StorageUnreachable },
        { new RequestFailedException(409, "No.", "ContainerBeingDeleted", null), "storage-unreachable: ", ExitCode.StorageUnreachable },
        { new RequestFailedException(0, "No answer.\nDetails"), "storage-unreachable: The storage account ", ExitCode.StorageUnreachable },
        { new AggregateException(new RequestFailedException(503, "Busy.")), "storage-unreachable: ", ExitCode.StorageUnreachable },
        { new HttpIOException(HttpRequestError.ResponseEnded, "The response ended."), "storage-unreachable: ", ExitCode.StorageUnreachable },
        { new FileNotFoundException("Could not find the file."), "file-not-accessible: Could not find the file.", ExitCode.FileNotAccessible },
        { new UnauthorizedAccessException("Access to the path is denied."), "file-not-accessible: ", ExitCode.FileNotAccessible },
        { new InvalidOperationException("A surprise"), "unexpected-error: ", ExitCode.UnexpectedError },
        { new OperationCanceledException(), "unexpected-error: ", ExitCode.UnexpectedError },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Every_error_becomes_a_code_a_sentence_and_an_exit_code(Exception fault, string said, int exitCode)
    {
        using var errors = new StringWriter();
        Assert.Equal(exitCode, await CommandGuard.RunAsync(() => Task.FromException<int>(fault), verbose: false, errors, CancellationToken.None));

        var lines = errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith(said, lines[0], StringComparison.Ordinal);
        Assert.EndsWith(".", lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length == 1 || lines[1] == "--verbose shows the details.");
        Assert.DoesNotContain("Exception", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_of_an_error_are_shown_only_if_they_are_asked_for()
    {
        using var errors = new StringWriter();
        await CommandGuard.RunAsync(() => throw new InvalidOperationException("A surprise"), verbose: true, errors, CancellationToken.None);

        Assert.Contains(nameof(InvalidOperationException), errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("   at ", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_the_user_interrupts_ends_without_a_word()
    {
        using var errors = new StringWriter();
        using var interrupted = new CancellationTokenSource();
        await interrupted.CancelAsync();

        Assert.Equal(
            ExitCode.Interrupted,
            await CommandGuard.RunAsync(() => Task.FromCanceled<int>(interrupted.Token), verbose: false, errors, interrupted.Token));
        Assert.Empty(errors.ToString());
    }

    /// <summary>Makes a folder with a note, a pipe that nobody writes to, a socket, and links that lead nowhere, in a circle and upwards.</summary>
    private async Task<OddFolder> OddAsync()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such files.");
        var path = Folder("odd", "note.txt");
        await Tool.RunAsync("mkfifo", Path.Combine(path, "queue"));
        File.CreateSymbolicLink(Path.Combine(path, "dangling"), "nowhere");
        File.CreateSymbolicLink(Path.Combine(path, "round"), "about");
        File.CreateSymbolicLink(Path.Combine(path, "about"), "round");
        Directory.CreateSymbolicLink(Path.Combine(path, "above"), "..");
        return new OddFolder(path);
    }

    /// <summary>Runs a command that would wait without end if it opened the pipe.</summary>
    private async Task<(int ExitCode, string Output, string Errors)> RunBoundedAsync(string command, string path)
    {
        await using var run = LocalHostProgram.Start([command, path], Settings());
        var exitCode = await run.EndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return (exitCode, await run.Output, await run.Errors);
    }

    private string Folder(string name, string file)
    {
        Directory.CreateDirectory(folder[name]);
        File.WriteAllText(Path.Combine(folder[name], file), "Anna presents the budget.");
        return folder[name];
    }

    private async Task<int> UploadedAsync()
    {
        var count = 0;
        await foreach (var _ in new Azure.Storage.Blobs.BlobServiceClient(storage).GetBlobContainerClient("inbox").GetBlobsAsync()) count++;
        return count;
    }

    private string[] Settings() => RunningHost.Settings(storage, simulator: null);

    private sealed class OddFolder : IDisposable
    {
        public static readonly string[] Named =
            ["queue (a pipe)", "line (a socket)", "dangling (a link)", "round (a link)", "about (a link)", "above (a link)"];

        private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public OddFolder(string path)
        {
            Path = path;
            socket.Bind(new UnixDomainSocketEndPoint(System.IO.Path.Combine(path, "line")));
        }

        public string Path { get; }

        public void Dispose() => socket.Dispose();
    }
}
