using MultiModal.Pipeline.Images;
using NetVips;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class JpegEndTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_without_its_end_marker_gets_one(bool isProgressive)
    {
        var whole = Photo(isProgressive);
        Assert.Equal("The file lacks its end marker. The picture is whole.", Mend(whole[..^2], out var mended));
        Assert.Equal(whole, mended);
    }

    [Fact]
    public void A_file_without_its_last_bytes_is_mended_and_what_is_missing_is_said()
    {
        var whole = Photo(isProgressive: false);
        Assert.Matches("^The end of the file is missing, and with it the last ([3-7]) % of the picture\\.$", Mend(whole[..(whole.Length * 95 / 100)], out var mended));
        Assert.Equal([0xFF, 0xD9], mended[^2..]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(85)]
    public void A_file_that_lacks_more_than_a_tenth_stays_as_it_is(int percent)
    {
        var whole = Photo(isProgressive: false);
        var part = whole[..(whole.Length * percent / 100)];
        Assert.Null(Mend(part, out var mended));
        Assert.Equal(part, mended);
    }

    [Fact]
    public void A_whole_file_and_another_format_stay_as_they_are()
    {
        byte[][] files = [Photo(isProgressive: false), Image.Black(20, 20).PngsaveBuffer(), [0xFF, 0xD8], [], [0xFF, 0xD8, 0xFF, 0xE0, 0, 4]];
        foreach (var file in files)
        {
            Assert.Null(Mend(file, out var mended));
            Assert.Equal(file, mended);
        }
    }

    private static byte[] Photo(bool isProgressive)
    {
        _ = Libvips.Version;
        return Image.Gaussnoise(640, 480, sigma: 60, mean: 128, seed: 3).Gaussblur(1).Cast(Enums.BandFormat.Uchar)
            .JpegsaveBuffer(q: 85, interlace: isProgressive);
    }

    private string? Mend(byte[] file, out byte[] mended)
    {
        var path = folder["picture"];
        File.WriteAllBytes(path, file);
        var missing = JpegEnd.Mend(path);
        mended = File.ReadAllBytes(path);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        return missing;
    }
}
