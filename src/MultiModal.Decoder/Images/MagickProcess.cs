using ImageMagick;
using ImageMagick.Configuration;

namespace MultiModal.Decoder.Images;

/// <summary>
/// ImageMagick with the limits that this process sets. Its coders have a long history of vulnerabilities, so its policy allows only the
/// formats that the caller names, and neither running programs nor writing files. It is told each format and never guesses.
/// </summary>
internal static class MagickProcess
{
    /// <param name="folder">A folder private to this process, for ImageMagick's configuration.</param>
    /// <param name="read">Coders that may read.</param>
    /// <param name="write">Coders that may read and may write into memory.</param>
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

        // The policy is read at the first request about resources and kept from then on.
        ResourceLimits.Thread = 1;
        if (ResourceLimits.Disk != 0) throw new InvalidOperationException("ImageMagick did not take its policy.");
    }

    private static string Allow(string rights, string coder) => $"<policy domain=\"coder\" rights=\"{rights}\" pattern=\"{coder}\"/>";
}
