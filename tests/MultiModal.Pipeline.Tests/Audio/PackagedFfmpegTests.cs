using System.Text;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Audio;

public sealed class PackagedFfmpegTests : IDisposable
{
    private readonly TemporaryFolder app = new();

    public void Dispose() => app.Dispose();

    [Fact]
    public void Without_programs_in_the_package_those_on_the_path_are_used()
    {
        var options = Configured(new AudioOptions());
        Assert.Equal("ffmpeg", options.FfmpegPath);
        Assert.Equal("ffprobe", options.FfprobePath);
    }

    [SkippableFact]
    public void Programs_in_the_package_are_used_where_they_lie()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no executable bit.");
        var ffmpeg = Package("ffmpeg", executable: true);
        Assert.Equal(ffmpeg, Configured(new AudioOptions()).FfmpegPath);
    }

    [SkippableFact]
    public async Task Programs_that_lost_their_executable_bit_on_the_way_run_from_a_copy()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no executable bit.");
        var packaged = Package("ffprobe", executable: false);
        var packages = new PackagedFfmpeg(app.Path);
        var first = new AudioOptions();
        var second = new AudioOptions();
        packages.PostConfigure(null, first);
        packages.PostConfigure(null, second);
        try
        {
            Assert.NotEqual(packaged, first.FfprobePath);
            Assert.Equal(first.FfprobePath, second.FfprobePath);
            var result = await new ProgramRunner(TimeProvider.System).RunAsync(new ProgramCall(first.FfprobePath, []), CancellationToken.None);
            Assert.Equal("packaged\n", Encoding.UTF8.GetString(result.Output.Span));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(first.FfprobePath)!, recursive: true);
        }
    }

    [Fact]
    public void A_program_named_in_the_configuration_comes_first()
    {
        Package("ffmpeg", executable: true);
        Assert.Equal("/opt/ffmpeg", Configured(new AudioOptions { FfmpegPath = "/opt/ffmpeg" }).FfmpegPath);
    }

    private AudioOptions Configured(AudioOptions options)
    {
        new PackagedFfmpeg(app.Path).PostConfigure(null, options);
        return options;
    }

    private string Package(string program, bool executable)
    {
        var path = Path.Combine(Directory.CreateDirectory(app["ffmpeg"]).FullName, program);
        File.WriteAllText(path, "#!/bin/sh\necho packaged\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : UnixFileMode.None));
        }

        return path;
    }
}
