namespace MultiModal.Faults.Tests.Inputs;

/// <summary>Damages files as the world does, and as somebody who means harm would: the same random numbers make the same damage.</summary>
internal static class Mutation
{
    /// <param name="original">Not changed.</param>
    /// <param name="random">Decides.</param>
    /// <param name="other">A file to splice in; null for none.</param>
    public static byte[] Of(byte[] original, Random random, byte[]? other = null)
    {
        return random.Next(other is null ? 6 : 9) switch
        {
            0 => Flipped(original, random, 1),
            1 => Flipped(original, random, 64),
            2 => original[..random.Next(original.Length)],
            3 => HeaderFlipped(original, random),
            4 => Overwritten(original, random, (byte)0xFF),
            5 => Overwritten(original, random, (byte)0x00),
            6 => [.. original[..random.Next(original.Length)], .. other![random.Next(other.Length)..]],
            7 => [.. other![..Math.Min(other.Length, random.Next(1, 64))], .. original],
            _ => [.. original, .. other!],
        };
    }

    private static byte[] Flipped(byte[] original, Random random, int bits)
    {
        var copy = (byte[])original.Clone();
        for (var bit = 0; bit < bits; bit++) copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    /// <summary>Sizes and offsets stand in headers: there a flip makes them huge or negative.</summary>
    private static byte[] HeaderFlipped(byte[] original, Random random)
    {
        var copy = (byte[])original.Clone();
        var header = Math.Min(copy.Length, 64);
        for (var at = 0; at < 4; at++) copy[random.Next(header)] = (byte)random.Next(256);
        return copy;
    }

    private static byte[] Overwritten(byte[] original, Random random, byte value)
    {
        var copy = (byte[])original.Clone();
        var from = random.Next(copy.Length);
        copy.AsSpan(from, Math.Min(copy.Length - from, random.Next(1, 256))).Fill(value);
        return copy;
    }
}
