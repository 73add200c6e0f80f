using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MultiModal.LocalHost.Hosting;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class CommandLineTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] settings = RunningHost.Settings(azurite.NewConnectionString(), simulator: null);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_folder_is_run_and_its_report_lies_beside_it()
    {
        var (exitCode, output, _) = await LocalHostProgram.RunAsync(
            ["run", Folder("minutes", ("a.txt", "Anna presents the budget."), ("deep/b.txt", "Ben sends the slides."))], settings);
        Assert.Equal(ExitCode.Success, exitCode);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["minutes.report.json"]));
        Assert.Equal(
            ["a.txt", "deep/b.txt"], report.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()!));
        Assert.Contains("# ", await File.ReadAllTextAsync(folder["minutes.report.md"]), StringComparison.Ordinal);
        Assert.Contains("minutes: succeeded", output, StringComparison.Ordinal);

        var status = await LocalHostProgram.RunAsync(["status", "minutes"], settings);
        Assert.Equal(ExitCode.Success, status.ExitCode);
        Assert.Contains("minutes: run 1 succeeded, 2 items", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_fetches_no_file_that_it_has_uploaded()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite.NewConnectionString());
        var fetched = new ConcurrentQueue<string>();
        proxy.Plan = new StorageFaultPlan(1, 0, StorageFaultKind.Busy)
        {
            Only = request =>
            {
                if (request is { Method: "GET" } && request.Touches("/inbox/minutes/")) fetched.Enqueue(request.Target);
                return false;
            },
        };

        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(
            ["run", Folder("minutes", ("a.txt", "Anna presents the budget."), ("b.txt", "Ben sends the slides."))],
            RunningHost.Settings(proxy.ConnectionString, simulator: null));

        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.Empty(fetched);
    }

    [Fact]
    public async Task A_folder_that_succeeds_in_part_ends_with_1_and_one_that_fails_with_2()
    {
        var partly = await LocalHostProgram.RunAsync(
            ["run", Folder("partly", ("a.txt", "A note."), ("empty.txt", "")), "--out", folder["out"]], settings);
        Assert.Equal(ExitCode.PartiallySucceeded, partly.ExitCode);
        Assert.True(File.Exists(Path.Combine(folder["out"], "report.json")));
        var failed = await LocalHostProgram.RunAsync(["run", Folder("wholly", ("empty.txt", "")), "--batch", "by-another-name"], settings);
        Assert.Equal(ExitCode.Failed, failed.ExitCode);
        Assert.Contains("by-another-name: failed", failed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ImageSharp_engine_can_be_chosen_and_names_what_it_does_not_read()
    {
        var pictures = Directory.CreateDirectory(folder["pictures"]).FullName;
        var (sign, scan) = (Path.Combine(pictures, "sign.png"), Path.Combine(pictures, "scan.tiff"));
        await Tool.ImageMagickAsync(
            "-size", "1600x400", "xc:white", "-font", "DejaVu-Sans", "-pointsize", "90", "-annotate", "+120+240", "HARBOUR CAFE", sign);
        await Tool.ImageMagickAsync(sign, scan);
        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(
            ["run", pictures], [.. settings, "Images:Engine=ImageSharp", "Ai:Vision:Engine=Offline"]);
        Assert.True(exitCode == ExitCode.PartiallySucceeded, errors);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["pictures.report.json"]));
        var items = report.RootElement.GetProperty("items");
        Assert.Equal("unsupported-image", items[0].GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("Images:Engine=NetVips", items[0].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("HARBOUR CAFE", items[1].GetProperty("image").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_run_by_the_host_that_owns_the_account()
    {
        await using var host = await RunningHost.StartAsync(Value("Storage:ConnectionString"));
        var (exitCode, output, _) = await LocalHostProgram.RunAsync(["run", Folder("shared", ("a.txt", "A note."))], settings);
        Assert.Equal(ExitCode.Success, exitCode);
        Assert.Contains("the host that owns the account runs it", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["shared.report.md"]));
    }

    [Fact]
    public async Task A_second_server_says_who_owns_the_account()
    {
        await using var host = await RunningHost.StartAsync(Value("Storage:ConnectionString"));
        var (exitCode, _, errors) = await LocalHostProgram.RunAsync([], settings);
        Assert.Equal(ExitCode.OtherHostOwnsAccount, exitCode);
        Assert.StartsWith("other-host-owns-account: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_that_does_not_answer_is_named_with_what_to_do()
    {
        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["serve"], [$"Storage:ConnectionString={Unreachable()}"]);
        Assert.Equal(ExitCode.StorageUnreachable, exitCode);
        Assert.StartsWith("storage-unreachable: The storage account at http://127.0.0.1:", errors, StringComparison.Ordinal);
        Assert.Contains("Start Azurite", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_begins_although_storage_fails_at_its_first_requests()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite.NewConnectionString());
        var requests = 0;
        proxy.Plan = new StorageFaultPlan(1, 1, StorageFaultKind.Busy, StorageFaultKind.Dropped) { Only = _ => Interlocked.Increment(ref requests) <= 3 };
        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["status"], RunningHost.Settings(proxy.ConnectionString, simulator: null));
        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.Equal(3, proxy.Injected.Values.Sum());
    }

    [Fact]
    public async Task Storage_that_does_not_know_our_API_version_is_named_with_what_to_do()
    {
        // What Azurite 3.35 answers unless it is told not to check the version.
        await using var storage = WebApplication.CreateSlimBuilder().Build();
        storage.Urls.Add("http://127.0.0.1:0");
        storage.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.Headers["x-ms-error-code"] = "InvalidHeaderValue";
            return Task.CompletedTask;
        });
        await storage.StartAsync();

        var (exitCode, output, _) = await LocalHostProgram.RunAsync(
            ["doctor"],
            [$"Storage:ConnectionString=DefaultEndpointsProtocol=http;AccountName=a;AccountKey=bm9uZQ==;BlobEndpoint={storage.Urls.Single()}/a;"]);
        Assert.Equal(ExitCode.SomethingMissing, exitCode);
        Assert.Contains("missing  storage", output, StringComparison.Ordinal);
        Assert.Contains("HTTP 400, InvalidHeaderValue", output, StringComparison.Ordinal);
        Assert.Contains("--skipApiVersionCheck", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_exit_code_64()
    {
        Assert.Equal(ExitCode.Usage, (await LocalHostProgram.RunAsync(["run"], settings)).ExitCode);
        var nowhere = await LocalHostProgram.RunAsync(["run", folder["nowhere"]], settings);
        Assert.Equal(ExitCode.Usage, nowhere.ExitCode);
        Assert.StartsWith("no-such-folder: ", nowhere.Errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await LocalHostProgram.RunAsync(["status", "nothing"], settings)).ExitCode);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("run")]
    [InlineData("status")]
    [InlineData("doctor")]
    public async Task Every_command_explains_itself(string command)
    {
        var (exitCode, output, _) = await LocalHostProgram.RunAsync([command, "--help"], []);
        Assert.Equal(ExitCode.Success, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        Assert.Contains("--set", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_the_installed_programs()
    {
        var (exitCode, output, _) = await LocalHostProgram.RunAsync(["doctor"], settings);
        Assert.Equal(ExitCode.Success, exitCode);
        Assert.Contains("ffmpeg: ffmpeg version", output, StringComparison.Ordinal);
        Assert.Contains("Nothing is missing.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_how_to_get_what_is_missing()
    {
        var (exitCode, output, _) = await LocalHostProgram.RunAsync(
            ["doctor"], ["Ai:Vision:Engine=Off", "Ai:Speech:Engine=Offline", $"Storage:ConnectionString={Unreachable()}"], ("PATH", folder.Path));
        Assert.Equal(ExitCode.SomethingMissing, exitCode);
        string[] missing = [
            "missing  storage", "missing  program  ffmpeg: ", "missing  program  ffprobe: ", "missing  program  pocketsphinx_continuous: ",
            "unused   program  tesseract"];
        Assert.All(missing, line => Assert.Contains(line, output, StringComparison.Ordinal));
    }

    private string Folder(string name, params (string Name, string Text)[] files)
    {
        foreach (var (file, text) in files)
        {
            var path = Path.Combine(folder[name], file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        return folder[name];
    }

    private string Value(string key) => settings.Single(s => s.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];

    private static string Unreachable() =>
        $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=bm9uZQ==;BlobEndpoint=http://127.0.0.1:{LoopbackPort.Free()}/a;";
}
