using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Programs;

public class ProgramRunnerTests
{
    [Fact]
    public async Task A_program_that_works_for_longer_than_its_limit_is_ended()
    {
        var result = await new ProgramRunner(TimeProvider.System).RunAsync(
            new ProgramCall("sh", ["-c", "while :; do :; done"]) { WorkLimit = TimeSpan.FromMilliseconds(400) }, default);
        Assert.Equal(ProgramEnd.TimedOut, result.End);
        Assert.True(result.Work > TimeSpan.FromMilliseconds(400), $"{result.Work}");
    }

    [Fact]
    public async Task Waiting_is_not_work()
    {
        var result = await new ProgramRunner(TimeProvider.System).RunAsync(
            new ProgramCall("sleep", ["1"]) { WorkLimit = TimeSpan.FromMilliseconds(400) }, default);
        Assert.True(result.Succeeded, $"{result.End}");
    }

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_program_gets_its_input_and_gives_its_output_errors_and_exit_code()
    {
        var result = await RunAsync(Shell("cat; echo oops >&2; exit 3") with { Input = new MemoryStream("hello"u8.ToArray()) });
        Assert.Equal(ProgramEnd.Exited, result.End);
        Assert.Equal(3, result.ExitCode);
        Assert.False(result.Succeeded);
        Assert.Equal("hello", Encoding.UTF8.GetString(result.Output.Span));
        Assert.Equal("oops\n", result.Errors);
    }

    [Fact]
    public async Task A_program_that_is_not_installed_is_missing_and_never_looked_up_in_the_working_directory()
    {
        const string Name = "not-a-program-on-any-path";
        var local = Path.Combine(Environment.CurrentDirectory, Name);
        await File.WriteAllTextAsync(local, "#!/bin/sh\necho wrong\n");
        try
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(local, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var result = await RunAsync(new ProgramCall(Name, []));
            Assert.Equal(ProgramEnd.Missing, result.End);
            Assert.Null(result.ExitCode);
        }
        finally
        {
            File.Delete(local);
        }
    }

    [Fact]
    public async Task Secrets_of_the_host_do_not_reach_a_program()
    {
        Environment.SetEnvironmentVariable("AZURE_OPENAI_API_KEY_OF_THIS_TEST", "secret");
        var result = await RunAsync(Shell("env") with { Environment = new Dictionary<string, string> { ["GIVEN"] = "1" } });
        var names = Encoding.UTF8.GetString(result.Output.Span).Split('\n').Select(line => line.Split('=')[0]).ToList();
        Assert.Contains("PATH", names);
        Assert.Contains("GIVEN", names);
        Assert.DoesNotContain("AZURE_OPENAI_API_KEY_OF_THIS_TEST", names);
        Assert.DoesNotContain("HOME", names);
    }

    [Fact]
    public async Task At_its_time_limit_a_program_ends_with_its_children()
    {
        var child = new TaskCompletionSource<int>();
        var run = new ProgramRunner(time).RunAsync(
            Shell("sleep 1000 & echo $!; wait") with { TimeLimit = TimeSpan.FromSeconds(7) },
            async (output, cancelled) =>
            {
                using var lines = new StreamReader(output);
                child.SetResult(int.Parse((await lines.ReadLineAsync(cancelled))!, CultureInfo.InvariantCulture));
                await lines.ReadLineAsync(cancelled);
            },
            CancellationToken.None);
        using var sleeping = Process.GetProcessById(await child.Task);
        Assert.False(run.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(ProgramEnd.TimedOut, (await run).End);
        Assert.True(sleeping.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    [SkippableFact]
    public async Task A_program_that_takes_more_memory_than_its_limit_fails_and_says_so()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux enforces the limit.");
        var greedy = new ProgramCall("bash", ["-c", "x=0123456789abcdef; while [ ${#x} -lt 200000000 ]; do x=$x$x; done; echo ${#x}"]);
        var limited = new ProgramRunner(time, Options.Create(new ProgramOptions { MaxMegabytes = 128 }));

        var refused = await limited.RunAsync(greedy, CancellationToken.None);
        Assert.Equal(ProgramEnd.Exited, refused.End);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.True(refused.RanOutOfMemory, refused.Errors);
        Assert.True((await limited.RunAsync(Shell("echo hello"), CancellationToken.None)).Succeeded);
        Assert.True((await limited.RunAsync(greedy with { BoundsItsMemory = true }, CancellationToken.None)).Succeeded);
    }

    [Fact]
    public async Task Cancelling_ends_a_program()
    {
        using var cancel = new CancellationTokenSource();
        var run = new ProgramRunner(time).RunAsync(Shell("sleep 1000"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_program_that_writes_without_end_is_ended_at_its_output_limit()
    {
        var result = await RunAsync(Shell("yes") with { OutputLimit = 100_000 });
        Assert.Equal(ProgramEnd.OutputLimitReached, result.End);
        Assert.InRange(result.Output.Length, 1, 100_000);
    }

    [Fact]
    public async Task Only_the_end_of_a_long_error_output_is_kept()
    {
        var result = await RunAsync(Shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo the end >&2"));
        Assert.True(result.Succeeded);
        Assert.InRange(result.Errors.Length, 1000, 8192);
        Assert.EndsWith("the end\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_need_not_read_all_of_its_input()
    {
        var result = await RunAsync(Shell("head -c 2") with { Input = new MemoryStream(new byte[10_000_000]) });
        Assert.True(result.Succeeded);
        Assert.Equal(2, result.Output.Length);
    }

    [Fact]
    public async Task An_exception_of_the_reader_ends_the_program_and_reaches_the_caller() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => new ProgramRunner(time).RunAsync(
            Shell("sleep 1000"), (_, _) => throw new InvalidDataException("bad"), CancellationToken.None));

    private static ProgramCall Shell(string script) => new("sh", ["-c", script]);

    private Task<ProgramResult> RunAsync(ProgramCall call) => new ProgramRunner(time).RunAsync(call, CancellationToken.None);
}
