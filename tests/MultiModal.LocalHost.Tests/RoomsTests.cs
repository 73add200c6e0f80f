using MultiModal.Testing.Architecture;

namespace MultiModal.LocalHost.Tests;

public class RoomsTests
{
    [Fact]
    public void Rooms_depend_one_way() => Rooms.DependOneWay(typeof(Commands.CommandLine).Assembly);
}
