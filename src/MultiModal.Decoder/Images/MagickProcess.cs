using ImageMagick;
using ImageMagick.Configuration;

namespace MultiModal.Decoder.Images;

/// <summary>
/// ImageMagick as this process lets it be. It has a long history of vulnerable coders: its policy allows the formats that the
/// caller names and nothing else, to run no other program and to write no file; it is told each format instead of guessing it.
/// </summary>
internal static class MagickProcess
{
    /// <param name="folder">Private to this process; its configuration is put there.</param>
    /// <param name="read">Coders that may read.</param>
    /// <param name="write">Coders that may read, and write into memory.</param>
    public static void Start(string folder, string[] read, params string[] write)
    {
        var files = ConfigurationFiles.Default;
        files.Policy.Data = $"""
            <policymap>
              <policy domain="delegate" rights="none" pattern="*"/>
              <policy domain="filter" rights="none" pattern="*"/>
              <policy domain="path" rights="none" pattern="@*"/>
              <policy domain="coder" rights="none" pattern="*"/>
              {string.Concat(read.Select(coder => Allow("read", coder)))}
              {string.Concat(write.Select(coder => Allow("read | write", coder)))}
              <policy domain="resource" name="disk" value="0"/>
              <policy domain="resource" name="map" value="0"/>
            </policymap>
            """;
        MagickNET.Initialize(files, Directory.CreateDirectory(Path.Combine(folder, "magick")).FullName);

        // The policy is read with the first question about resources, and then held.
        ResourceLimits.Thread = 1;
        if (ResourceLimits.Disk != 0) throw new InvalidOperationException("ImageMagick did not take its policy.");
    }

    private static string Allow(string rights, string coder) => $"<policy domain=\"coder\" rights=\"{rights}\" pattern=\"{coder}\"/>";
}
